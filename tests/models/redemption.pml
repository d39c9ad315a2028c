/* Two-phase redemption of one payment with one use, as a model for spin (core/gate/uses.hpp is the code).
 *
 * A presentation claims the use (a lease, a reservation number), the protected service answers or fails after any time, then commit or
 * release (by a failure, a redirect within the gate, or HEAD). A lease may end at any time, so that a second presentation runs beside the
 * first; a presentation may crash at any step.
 * REPEATS        for some time after the commit the request passes again, without a reservation: whatever becomes of it changes nothing.
 * Questions: does committed stay committed? Can a use be committed at all, and repeated? (`never_committed` and `never_repeated` are
 * expected to be broken.)
 * BUG_NO_NUMBER  commit and release name only the redemption, not the reservation.
 * BUG_REPEAT_HOLDS  a repeat has the number of the last reservation, and release compares numbers alone.
 */
mtype = { open, reserved, committed };
mtype use = open;
byte number = 0;                        /* of the newest reservation */
bool lease_over[5] = false;
bool repeat_over = false, repeated = false;

proctype presentation() {
  byte mine; bool ok;
  atomic {                              /* one conditional write */
    if
    :: use == open -> use = reserved; number++; mine = number
    :: use == reserved && lease_over[number] -> number++; mine = number
#ifdef REPEATS
    :: use == committed && !repeat_over -> repeated = true;
#ifdef BUG_REPEAT_HOLDS
       mine = number
#else
       mine = 0
#endif
#endif
    :: else -> goto stop                /* 409 while reserved, refused once committed */
    fi
  }
  if :: ok = true :: ok = false :: goto stop fi;          /* served, failed, or a crash here */
  atomic {
    if
#ifdef BUG_NO_NUMBER
    :: ok -> use = committed
    :: !ok -> use = open
#else
#ifdef BUG_REPEAT_HOLDS
    :: ok -> use = committed
    :: !ok && number == mine -> use = open
    :: !ok && number != mine
#else
    :: mine == 0                                          /* the end of a repeat */
    :: mine != 0 && ok -> use = committed                 /* a late commit of an older number still commits */
    :: mine != 0 && !ok && use == reserved && number == mine -> use = open
    :: mine != 0 && !ok && !(use == reserved && number == mine)
#endif
#endif
    fi
  }
stop: skip
}

active proctype leases() { do :: use == reserved && !lease_over[number] -> lease_over[number] = true :: timeout -> break od }
active proctype repeats() { repeat_over = true }

init { atomic { run presentation(); run presentation(); run presentation(); run presentation() } }

ltl committed_is_final { [] (use == committed -> [] (use == committed)) }
ltl never_committed { [] (use != committed) }             /* expected to be false */
ltl never_repeated { [] (!repeated) }                     /* expected to be false */
