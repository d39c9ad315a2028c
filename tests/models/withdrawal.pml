/* The withdrawal protocol of docs/money.md, as a model for spin.
 *
 * Question: can money return to `available` (released) although the node pays, before or after?
 * World: requests may sit in the network for any time and arrive in any order; answers may be lost; our host may crash between any two
 * steps and loses all that it had not committed; lnd may start a hash again after FAILED; the invoice expires at some moment.
 *
 * Rules are switches, so that a broken rule shows a counterexample (tests/models/check names them all):
 *   FENCE2   FAILED and every send has a final answer
 *   FENCE2B  FAILED and exactly one send ever issued
 *   FENCE2C  NOT_FOUND and every send has a final refusal
 *   FENCE3   expired + margin, two polls agree on FAILED or on NOT_FOUND with no update ever seen
 *   BUG_*    seeded mistakes that the model must find
 *   OLD_RECORD     the hash was tried and failed before (an earlier withdrawal); BUG_NO_BASE ignores that
 *   ALWAYS_REFUSES lnd refuses every send;  REPEATS the transport may deliver one request twice (fences 2, 2b, 2c need that it does not)
 *   DELETES_SEEN, DELETES_UNSEEN   an operator deletes payment records
 *   RESTORES   the node is restored from seed or backup: its records are gone or say FAILED, what was in flight may still be paid, and
 *              an operator has said so before it answers again. BUG_RESTORED ignores it, BUG_RESTORED_EARLY checks it before the poll
 *   OVERTAKING the answer of a poll may come after those of later polls and sends: it counts only if what was known when it began is
 *              unchanged. BUG_OVERTAKEN: it always counts
 * Assumption A1: no other client pays this hash from this node. A2: a payment record is not deleted before we have seen it
 * (DELETES_UNSEEN shows why it is needed). The payment_index rule is what makes A2 enough.
 */
#ifndef SENDS
#define SENDS 2                         /* how often we may send for one withdrawal */
#endif

mtype = { none, in_flight, succeeded, failed };          /* what lnd knows of the hash */
mtype = { refused, conflict, final_failed, final_ok };   /* what a send is answered */

#ifdef OLD_RECORD
mtype node = failed;
byte index = 1;                         /* lnd's payment_index of the current record: new at every start */
#else
mtype node = none;
byte index = 0;
#endif
bool expired = false;                   /* lnd refuses new sends from here on */
bool quiet = false;                     /* expiry + 5 min: no send that passed the check before expiry is still under way */
byte starting = 0;                      /* sends that passed lnd's expiry check and have not been written yet */
bool paid = false;                      /* the node paid at some time */

bool restored = false;                  /* an operator said so, before the node answers again */
bool lost = false;                      /* in flight when it was restored: in no record any more, and not over */

byte on_the_wire = 0;                   /* requests sent and not yet read by lnd */
byte arrived = 0;
bool repeated = false;

/* committed by our host: survives a crash */
bool marker = false, seen = false, released = false, settled = false, review = false;
byte sends = 0;                         /* committed before each send */
byte uncounted = 0;                     /* BUG_COUNT: sends that were not */
#if defined(OLD_RECORD) && !defined(BUG_NO_BASE)
#define BASE 1                          /* the index found before the marker: that record counts as NOT_FOUND */
#else
#define BASE 0
#endif
byte answered = 0;                      /* sends with a final answer */
byte known = 0;                         /* the payment_index seen last */
bool known_failed = true;               /* and whether it was seen to fail: only then may another record follow it */

chan answers = [SENDS] of { mtype };

/* lnd reads a request at any later time. Two steps: check the expiry, then look the hash up and start. */
proctype lnd_request(bool copy) {
  mtype reply; bool streams = false, began = restored;
  atomic {
    if :: !copy -> on_the_wire--; arrived++ :: else fi;
    if
    :: expired -> reply = refused; goto answer
#ifdef ALWAYS_REFUSES
    :: else -> reply = refused; goto answer
#else
    :: else -> starting++
#endif
    fi
  }
  atomic {
    starting--;
    if
    :: node == none || node == failed -> node = in_flight; index++; streams = true
    :: else -> reply = conflict
    fi
  }
  if
  :: streams -> atomic {
       (node != in_flight || began != restored) ->
         if
         :: began != restored -> goto end             /* the node was restored after the request */
         :: else -> if :: node == failed -> reply = final_failed :: else -> reply = final_ok fi
         fi
     }
  :: else
  fi
answer:
  if
  :: !copy -> answers!reply
  :: skip                               /* the connection broke: the answer is lost */
  fi;
end:
  skip
}

active proctype network() {
  do
  :: on_the_wire > 0 -> run lnd_request(false);                         /* delivered one after the other, at any time */
#ifdef REPEATS
     if :: !repeated -> repeated = true; run lnd_request(true) :: true fi;
#endif
     (arrived > 0); arrived--
  :: on_the_wire == 0 && (released || settled || review) -> break
  od
}

#ifdef RESTORES
#define RESTORE \
  :: atomic { !restored -> restored = true; lost = (node == in_flight); if :: node = none :: node = failed fi } \
  :: atomic { lost -> lost = false; paid = true } \
  :: atomic { lost -> lost = false }
#else
#define RESTORE
#endif

active proctype routing() {
  do
  RESTORE
#ifdef DELETES_SEEN
  :: atomic { known == index && (node == succeeded || node == failed) -> node = none }
#endif
#ifdef DELETES_UNSEEN
  :: atomic { node == succeeded || node == failed -> node = none }
#endif
  :: atomic { node == in_flight -> node = succeeded; paid = true }
  :: atomic { node == in_flight -> node = failed }
  :: released || settled || review -> goto late
  od;
late:                                    /* whatever still moves after our decision */
  do
  RESTORE
  :: atomic { node == in_flight -> node = succeeded; paid = true }
  :: atomic { node == in_flight -> node = failed }
  od
}

active proctype clock() { expired = true; (starting == 0); quiet = true }

inline send() { atomic { sends++; marker = true; on_the_wire++ } }
#define release() atomic { released = true; assert(!paid) }
#if defined(BUG_RESTORED)
#define LISTEN skip
#define LISTEN_EARLY skip
#elif defined(BUG_RESTORED_EARLY)
#define LISTEN skip
#define LISTEN_EARLY was = restored
#else
#define LISTEN was = restored           /* after the poll, so that an earlier report counts */
#define LISTEN_EARLY skip
#endif
#define LOOK(it) LISTEN_EARLY; atomic { if :: index == BASE -> it = none :: else -> it = node fi }; LISTEN; \
                 if :: was && it != succeeded -> it = in_flight :: else fi

/* acts on the record of a poll, which may be outdated */
inline act_on_record() {
   if
   :: look == succeeded -> settled = true
   :: was && look != succeeded -> review = true
   :: !was && look != none && look != succeeded && look_index != known && !known_failed -> review = true    /* a record vanished that we had not seen fail */
   :: !was && look == in_flight && (look_index == known || known_failed) -> atomic { seen = true; known = look_index; known_failed = false }
   :: !was && look == failed && (look_index == known || known_failed) -> atomic { seen = true; known = look_index; known_failed = true };
      if
#ifdef FENCE2
      :: answered == sends -> release()
#endif
#ifdef FENCE2B
      :: sends == 1 -> release()
#endif
#ifdef FENCE3
      :: quiet -> LOOK(look2); if :: look2 == failed -> release() :: else fi
#endif
#ifdef BUG_FAILED
      :: true -> release()
#endif
      :: true
      fi
   :: !was && look == none ->
      if
      :: seen -> review = true
#ifdef BUG_COUNT
      :: !seen && sends + uncounted < SENDS -> atomic { uncounted++; on_the_wire++; live++ }
#else
      :: !seen && sends < SENDS -> send(); live++
#endif
#ifdef FENCE2C
      :: !seen && answered == sends -> release()
#endif
#ifdef FENCE3
      :: !seen && quiet -> LOOK(look2); if :: look2 == none -> release() :: else fi
#endif
#ifdef BUG_NOT_FOUND
      :: !seen -> release()
#endif
      :: !seen
      fi
   fi
}

active proctype host() {
  mtype look, look2, reply; byte look_index = 0; bool was = false;
#ifdef OVERTAKING
  mtype late; byte late_index = 0; bool pending = false;
  bool began_seen = false, began_failed = false; byte began_known = 0, began_sends = 0, began_answered = 0;
#endif
  byte live = 0;                        /* sends whose answer this instance still waits for: lost in a crash */
  send(); live = 1;
  do
  :: released || settled || review -> break
  :: else -> if

  /* crash and restart: whatever we waited for is lost, committed facts stay */
  :: live > 0 -> live = 0; do :: answers?[_] -> answers?_ :: else -> break od

  /* an answer arrives while we still wait for it */
  :: live > 0 && nempty(answers) -> answers?reply; live--;
     if
     :: reply == final_ok -> settled = true
     :: reply == final_failed -> atomic { seen = true; answered++ }
     :: reply == refused -> answered++
     :: reply == conflict ->             /* an earlier send of ours arrived; on the very first send: somebody else's */
        if :: sends == 1 -> review = true :: else -> atomic { seen = true; answered++ } fi
     fi

  /* poll the node, then act on its record */
  :: LISTEN_EARLY; atomic { look_index = index; if :: index == BASE -> look = none :: else -> look = node fi }; LISTEN;
     act_on_record()

#ifdef OVERTAKING
  /* a poll whose answer comes late: other polls and answers of sends may come before it */
  :: !pending -> atomic {
       pending = true; late_index = index; if :: index == BASE -> late = none :: else -> late = node fi;
       began_seen = seen; began_known = known; began_failed = known_failed; began_sends = sends; began_answered = answered
     }
  :: pending -> pending = false;
     if
#ifdef BUG_OVERTAKEN
     :: true -> look = late; look_index = late_index; act_on_record()
#else
     :: late == succeeded -> settled = true
     :: late != succeeded && began_seen == seen && began_known == known && began_failed == known_failed && began_sends == sends &&
        began_answered == answered -> look = late; look_index = late_index; act_on_record()
     :: else                            /* overtaken: discarded */
#endif
     fi
#endif

#ifdef BUG_TIMEOUT
  :: live > 0 -> release()
#endif
#ifdef BUG_EXPIRY
  :: expired -> LOOK(look); if :: look == none || look == failed -> release() :: else fi
#endif
  fi
  od
}

/* money never comes back to the user and leaves the node too */
ltl safe { [] !(released && paid) }
/* expected to be false: shows that the fences do open */
ltl never_released { [] !released }
/* where the node keeps its records and one send is out, nobody has to decide by hand; a second send may replace an unseen record */
ltl never_reviewed { [] !review }
ltl never_before_expiry { [] !(released && !expired) }
