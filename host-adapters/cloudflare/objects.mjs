// Calls to the objects of shards. An object that was ended breaks the stub that was held of it: the next try takes a new one.

const pauses_ms = [100, 500, 2_000];

/** The object of a shard. */
export const objectOf = (env, shard) => env.SHARDS.get(env.SHARDS.idFromName(shard));

/** What may be said again: `action(object)`, until it is answered. */
export async function sayAgain(env, shard, action) {
  for (const pause_ms of pauses_ms) {
    try {
      return await action(objectOf(env, shard));
    } catch {
      await new Promise((resolve) => setTimeout(resolve, pause_ms));
    }
  }
  return action(objectOf(env, shard));
}
