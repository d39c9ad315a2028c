/* A metered payment as credit, as a model for spin (core/gate/uses.hpp is the code; redemption.pml has the reservations of one use).
 *
 * A claim reserves what is left, up to the most that a request costs; it is refused when that is less than the minimum. The service
 * reports any price, also one above the reservation. A lease may end at any time, so that the next request takes the use over, with what
 * it reserves, while the first is still being served; a request may crash at any step. Four requests of one payment.
 * Questions: is never more spent and reserved than was paid, whatever is reported? Is a request refused only where too little is left, or
 * while others are served? Can all credit be spent? (`never_spent` is expected to be broken.)
 * BUG_NOT_RESERVED  a claim only checks what is left.
 * BUG_AS_REPORTED   a commit takes the reported price.
 * BUG_TWICE         the commit of a use that is committed already takes its price again.
 */
#define PAID 5
#define MIN 1
#define MAX 3
#define USES 4

mtype = { unused, open, committed };
mtype use[USES] = unused;
bool leased[USES];
byte reserved[USES];                    /* kept when the use is released: a late commit costs as much */
byte reservation[USES];                 /* number of the newest claim */
byte spent = 0, held = 0, claims = 0;   /* held: the sum of what open uses reserve */

#define is_served (leased[0] || leased[1] || leased[2] || leased[3])
#define is_better (use[u] == open && !leased[u] && (mine == USES || reserved[u] > reserved[mine]))

proctype request() {
  byte u = 0, mine = USES, left, number, price;
  atomic {                              /* one conditional write: the free use that reserves most, else a new one */
    do
    :: u < USES && is_better -> mine = u; u++
    :: u < USES && !is_better -> u++
    :: u == USES -> break
    od;
    if
    :: mine == USES -> mine = 0; do :: use[mine] != unused -> mine++ :: else -> break od
    :: else
    fi;
    left = PAID - spent - (held - reserved[mine]);
    if
    :: left < MIN -> assert(is_served || PAID - spent < MIN); goto stop
    :: left > MAX -> left = MAX
    :: else
    fi;
#ifndef BUG_NOT_RESERVED
    held = held - reserved[mine] + left;
#endif
    reserved[mine] = left; use[mine] = open; leased[mine] = true;
    claims++; number = claims; reservation[mine] = number
  }
  if
  :: goto stop                          /* a crash */
  :: atomic { use[mine] == open && reservation[mine] == number -> leased[mine] = false; goto stop }   /* released */
  :: price = 0 :: price = 2 :: price = 3 :: price = 4
  fi;
  atomic {                              /* committed, perhaps late */
    if
#ifdef BUG_TWICE
    :: use[mine] == committed -> spent = spent + (price > reserved[mine] -> reserved[mine] : price)
#endif
    :: use[mine] == open ->
#ifndef BUG_AS_REPORTED
       if :: price > reserved[mine] -> price = reserved[mine] :: else fi;
#endif
       spent = spent + price; use[mine] = committed; leased[mine] = false;
#ifndef BUG_NOT_RESERVED
       held = held - reserved[mine]
#endif
    :: else
    fi
  }
stop: skip
}

active proctype leases() {
  do
  :: leased[0] -> leased[0] = false :: leased[1] -> leased[1] = false
  :: leased[2] -> leased[2] = false :: leased[3] -> leased[3] = false
  :: timeout -> break
  od
}

init { atomic { run request(); run request(); run request(); run request() } }

ltl within_paid { [] (spent + held <= PAID) }
ltl never_spent { [] (spent < PAID) }   /* expected to be false */
