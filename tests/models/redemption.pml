/* Two-phase redemption of one payment with one use, as a model for spin (core/gate/uses.hpp is the code).
 *
 * A presentation claims the use (a lease, a reservation number), the protected service answers or fails after any time, then commit or
 * release. A lease may end at any time, so that a second presentation runs beside the first; a presentation may crash at any step.
 * Questions: does committed stay committed? Can a use be committed at all? (`never_committed` is expected to be broken.)
 * BUG_NO_NUMBER commit and release name only the redemption, not the reservation.
 */
mtype = { open, reserved, committed };
mtype use = open;
byte number = 0;                        /* of the newest reservation */
bool lease_over[5] = false;

proctype presentation() {
  byte mine; bool ok;
  atomic {                              /* one conditional write */
    if
    :: use == open -> use = reserved; number++; mine = number
    :: use == reserved && lease_over[number] -> number++; mine = number
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
    :: ok -> use = committed                              /* a late commit of an older number still commits */
    :: !ok && use == reserved && number == mine -> use = open
    :: !ok && !(use == reserved && number == mine)
#endif
    fi
  }
stop: skip
}

active proctype leases() { do :: use == reserved && !lease_over[number] -> lease_over[number] = true :: timeout -> break od }

init { atomic { run presentation(); run presentation(); run presentation(); run presentation() } }

ltl committed_is_final { [] (use == committed -> [] (use == committed)) }
ltl never_committed { [] (use != committed) }             /* expected to be false */
