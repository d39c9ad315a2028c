/* One payment_hash, two workspaces in different shards, as a model for spin.
 *
 * A commit touches one shard, so a withdrawal claims its hash in three commits: intent (own shard), payment-hash lock (the hash's shard), lock
 * (own shard, only if the intent is unchanged). A payment-hash lock names a withdrawal and the attempt that claimed it. It is live only while
 * that attempt is claiming or holds the lock; any withdrawal may replace a stale one. Attempts only increase, so a stale one stays stale, and
 * none is ever deleted.
 * World: any step may be delayed for any time, a process may crash between any two steps, clients retry, a failed withdrawal frees the hash.
 * Question: can both workspaces hold a lock for the hash? (`one_lock` checks it.) Can both acquire it in turn? (`reach1` and `reach2` are
 * expected to fail.)
 * BUG_NO_INTENT_CHECK the lock does not check the intent. BUG_SAME_OWNER a second attempt keeps the first one's payment-hash lock without
 * rewriting it. BUG_BLIND_PUT the payment-hash lock is written without checking its version.
 */
#define N 2
#define ATTEMPTS 2
#define NOBODY 255
#ifdef BUG_SAME_OWNER
#define OURS (owner == i)
#else
#define OURS (owner == i && oa == a)
#endif
mtype = { nothing, claiming, abandoned, locked, closed };

mtype wd[N] = nothing;                                             /* each in its workspace's shard */
byte attempt[N] = 0;
byte hash_owner = NOBODY, hash_attempt = 0, hash_version = 0;   /* in the hash's shard */
byte locks = 0;
bool was_locked[N] = false;

proctype request(byte i) {              /* one try of a client */
  byte a, v, owner, oa, tries = 0; bool live;
  atomic { if :: (wd[i] == nothing || wd[i] == abandoned) && attempt[i] < ATTEMPTS -> wd[i] = claiming; attempt[i]++; a = attempt[i] :: else -> goto stop fi }
again:
  atomic { if :: tries == 3 -> goto stop :: else -> tries++ fi; owner = hash_owner; oa = hash_attempt; v = hash_version }
  if :: skip :: goto stop fi;           /* crash */
  if                                    /* the other shard is read after the payment-hash lock */
  :: owner == NOBODY -> live = false
  :: owner != NOBODY -> atomic { live = (attempt[owner] == oa && (wd[owner] == claiming || wd[owner] == locked)) }
  fi;
  if
  :: OURS -> skip                       /* ours already: the outcome of the commit was unknown, and it had been written */
  :: !OURS && live -> goto stop         /* refused */
  :: !OURS && !live ->
     atomic {
       if
#ifdef BUG_BLIND_PUT
       :: true -> hash_owner = i; hash_attempt = a; hash_version++
#else
       :: hash_version == v -> hash_owner = i; hash_attempt = a; hash_version++
       :: else -> goto again
#endif
       fi
     };
     if :: skip :: goto again fi        /* the answer of the commit was lost: read again */
  fi;
  if :: skip :: goto stop fi;           /* crash */
  atomic {
    if
#ifdef BUG_NO_INTENT_CHECK
    :: true -> wd[i] = locked; locks++; was_locked[i] = true
#else
    :: wd[i] == claiming && attempt[i] == a -> wd[i] = locked; locks++; was_locked[i] = true
    :: else
#endif
    fi
  }
stop: skip
}

proctype abandon(byte i; byte a) { atomic { if :: wd[i] == claiming && attempt[i] == a -> wd[i] = abandoned :: else fi } }   /* the intent stayed open too long */
proctype finish(byte i)          { atomic { if :: wd[i] == locked -> wd[i] = closed; locks-- :: else fi } }                  /* failed, released */

init { atomic { run request(0); run request(0); run abandon(0, 1); run finish(0); run request(1); run abandon(1, 1); run finish(1) } }

ltl one_lock { [] (locks <= 1) }
ltl reach1 { [] !(was_locked[0] && was_locked[1]) }
ltl reach2 { [] !(attempt[0] == 2 && was_locked[0]) }
