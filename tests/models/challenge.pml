/* A gate's challenge, from its first commit to its charge or its deletion, as a model for spin (docs/money.md, "Challenges of gates").
 *
 * Issuing takes two commits, before and after the node makes the invoice. Settling takes two: the credit in the workspace's shard, then
 * the mark in the challenge's shard. Deleting takes one, and evidence that the invoice can no longer be paid.
 * World: a process may crash between any two steps; the outcome of a commit may be unknown, and then it is retried; a request may reach
 * the node at any later time, and its answer may be lost; the clocks of host and node differ.
 * Questions: is a paid challenge credited exactly once, and is its row kept? Can a client pay an invoice without a row? Is an unpaid row
 * deleted in a quiet world? (`safe` asks all of them; the properties `never_…` are expected to be broken.)
 *
 *   STREAM     the node's stream announces the payment, again and again until the cursor has moved
 *   COLLECTS   the node deletes canceled invoices
 *   HIDES      once, for less than a day, the node reports NOT_FOUND for an invoice that it has
 *   RESTORES   the node may be restored from seed or backup: the invoice is gone or in an older state, and an operator has said so before
 *              the node answers again
 *   TASKS=2    a second due task runs while a slow first one is still running
 *   BUG_*      seeded mistakes that the model must find
 */
#ifndef TASKS
#define TASKS 1
#endif
mtype = { absent, issuing, issued, settled };           /* the challenge's row */
mtype = { none, open, paid_up, canceled };              /* the node's invoice */

/* rows */
mtype row = absent;
bool due = false;                       /* its due row */
bool incarnation = false;               /* of the node, in the row */
bool missed = false, day_after = false; /* the last poll found nothing, and a day has passed since */
bool changed[2] = false;                /* since a due task read the row: its version differs */
bool charge = false;
byte credits = 0;
bool cursor_moved = false;

/* the node */
mtype node = none;
bool unseen = false, has_been_unseen = false;
bool restored = false, decided = false;
bool on_wire = false, answered = false, refused = false;
bool expired = false, late_at_node = false;             /* the invoice's expiry, and five minutes later, by the node's clock */

/* the world */
bool late_at_host = false;
bool shown = false;                     /* a client has the invoice */
bool paid = false, line = false;
bool kept = false;                      /* the node is another one now: only an operator can end the challenge */
bool stuck = false;                     /* a due task in a quiet world achieved nothing */
bool done = false;                      /* no process can move any more */

#define WROTE changed[0] = true; changed[1] = true
#define UNKNOWN(again) if :: skip :: goto again fi      /* the commit's outcome is lost: it is retried */

/* The two commits of a settlement, from the stream, a poll for a visitor, or the due task. */
inline credit() {
  atomic {
    if
#ifdef BUG_NEW_ID
    :: charge = true; credits++
#else
    :: !charge -> charge = true; credits++
    :: charge                           /* ids are derived from the payment hash: the rows exist already */
#endif
    fi
  }
}
inline mark_settled() {
  atomic {
    if
    :: row == issuing || row == issued -> row = settled; due = false; WROTE
    :: else
    fi
  }
}
#ifdef BUG_MARK_FIRST
#define SETTLE one: mark_settled(); UNKNOWN(one); if :: skip :: goto crash fi; two: credit(); UNKNOWN(two)
#else
#define SETTLE one: credit(); UNKNOWN(one); if :: skip :: goto crash fi; two: mark_settled(); UNKNOWN(two)
#endif

/* The session that issues the challenge. */
active proctype issue() {
  bool was = restored, ok = false;
first:
  atomic {
    if
    :: row == absent -> row = issuing; incarnation = was; missed = false; WROTE;
#ifndef BUG_LATE_DUE
       due = true
#endif
    :: else                             /* ours already: the outcome of the commit was unknown, and it had been written */
    fi
  }
  UNKNOWN(first);
  if :: skip :: goto crash fi;
  on_wire = true;
  if
  :: answered && node == open
  :: node == open && !unseen            /* the answer was lost, and a look-up finds the invoice */
  :: atomic { refused -> if :: row == issuing -> row = absent; due = false; WROTE :: else fi }; goto crash
  :: goto crash                         /* no answer, or a crash */
  fi;
#ifdef BUG_SHOW_FIRST
  shown = true;
#endif
second:
  atomic {
    if
#ifdef BUG_KEEPS_MISS
    :: row == issuing -> row = issued; WROTE; ok = true
#else
    :: row == issuing -> row = issued; missed = false; WROTE; ok = true
#endif
#ifdef BUG_BLIND_ISSUE
    :: row == absent -> row = issued; missed = false; WROTE; ok = true
#else
    :: row == absent                    /* deleted meanwhile */
#endif
    :: row == issued || row == settled -> ok = true     /* the outcome was unknown, and it had been written */
    fi;
#ifdef BUG_LATE_DUE
    if :: row == issued -> due = true :: else fi
#endif
  }
  UNKNOWN(second);
  if
  :: ok -> shown = true
  :: !ok -> atomic { if :: node == open -> node = canceled :: else fi }
  :: skip                               /* a crash before the response */
  fi;
crash: skip
}

active proctype network() {
  atomic {
    on_wire -> on_wire = false;
    if
    :: node == none -> node = open; answered = true
    :: refused = true
    fi
  }
}

active proctype payer() { atomic { shown && node == open -> if :: node = paid_up; paid = true; line = true :: skip fi } }

active proctype life_of_the_invoice() {
  do
  :: atomic { node == open && expired -> node = canceled }
#ifdef COLLECTS
  :: atomic { node == canceled -> node = none }
#endif
#ifdef HIDES
  :: atomic { !has_been_unseen -> has_been_unseen = true; unseen = true }
  :: unseen -> unseen = false
#endif
#ifdef RESTORES
  :: atomic {
       !decided -> decided = true;
       if
       :: skip                          /* it is never restored */
       :: restored = true; node = none
       :: node != none -> restored = true; if :: expired -> node = canceled :: !expired -> node = open fi
       fi
     }
#endif
  od
}

active proctype clocks() { expired = true; late_at_node = true }
active proctype host_clock() { late_at_host = true }
active proctype days() { do :: atomic { missed && !day_after && !unseen -> day_after = true } od }

#define QUIET (late_at_node && !unseen && node != open && !on_wire)
#if defined(BUG_NO_INCARNATION)
#define SAME_NODE true
#elif defined(BUG_INCARNATION_EARLY)
#define SAME_NODE (before == incarnation)
#else
#define SAME_NODE (before == incarnation && after == incarnation)
#endif
#if defined(BUG_ONE_NOT_FOUND)
#define WAITED true
#define GONE true
#elif defined(BUG_A_MINUTE_APART)
#define WAITED true
#define GONE missed
#else
#define WAITED (!missed || row == issuing || day_after)
#define GONE (missed && (known == issuing || day_after))
#endif
#ifdef BUG_BLIND_DELETE
#define UNCHANGED true
#else
#define UNCHANGED (!changed[me])
#endif
#ifdef BUG_STALE_MISS
#define NOTED (row != absent && row != settled)
#else
#define NOTED UNCHANGED
#endif

/* The due task: each round is a poll and what follows from it. A round that crashes is followed by another. */
proctype due_task(byte me) {
  mtype known, seen; bool before, after, overdue, quiet, early = true, moves;
  do
  :: kept -> break
  :: atomic {
       due && late_at_host && (early || QUIET) && WAITED ->
       known = row; changed[me] = false; before = restored; quiet = QUIET; early = quiet; moves = false
     }
     atomic { if :: unseen -> seen = none :: else -> seen = node fi; overdue = late_at_node };
     after = restored;
     if
     :: seen == paid_up -> moves = true; SETTLE
     :: seen == open -> moves = true;
        atomic { if :: UNCHANGED && missed -> missed = false; WROTE :: else fi }
     :: (seen == canceled || seen == none) && !SAME_NODE -> atomic { if :: quiet -> kept = true; moves = true :: else fi }
     :: seen == canceled && SAME_NODE -> goto remove
     :: seen == none && SAME_NODE && overdue && GONE -> goto remove
     :: seen == none && SAME_NODE && overdue && !GONE -> moves = true;
        atomic { if :: NOTED -> missed = true; day_after = false; WROTE :: else fi }
     :: seen == none && SAME_NODE && !overdue
#ifdef BUG_NO_POLL
     :: goto remove
#endif
     fi;
     goto next;
remove:
     moves = true;
#ifdef BUG_TWO_DELETES
     due = false;
     if :: skip :: goto crash fi;
#endif
     atomic { if :: UNCHANGED -> row = absent; due = false; WROTE :: else fi };
next:
     atomic { if :: quiet && !moves -> stuck = true :: else fi };
crash:
     skip
  od
}

/* A credential or a checkout page causes a poll, at any time. */
active proctype visit() {
  atomic { shown && row == issued && node == paid_up && !unseen };
  SETTLE;
crash: skip
}

#ifdef STREAM
active proctype stream() {
  do
  :: cursor_moved -> break
  :: line && !cursor_moved ->
     if
     :: row == settled || row == absent /* credited, or not ours */
     :: row == issuing || row == issued -> SETTLE
     fi;
     cursor_moved = true;
crash:
     skip
  od
}
#endif

init {
  atomic {
    run due_task(0);
#if TASKS > 1
    run due_task(1)
#endif
  }
  timeout -> done = true
}

ltl safe {
  [] (credits <= 1 && !(paid && row == absent) && !(shown && node == open && row == absent) && !stuck &&
      (done -> ((row == absent && !due) || (row == settled && !due) || kept) && (!paid || credits == 1 || kept)))
}
ltl never_credited { [] (credits == 0) }
ltl never_deleted { [] !(done && shown && row == absent) }
ltl never_given_up { [] !(done && answered && !shown && row == absent) }
ltl never_kept { [] !kept }
