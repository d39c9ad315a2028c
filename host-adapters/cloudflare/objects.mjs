// Calls to the Durable Objects of shards. Stopping an object breaks its stubs, so each attempt gets a new stub.

const pauses_ms = [100, 500, 2_000];

/** The object of a shard. */
export const objectOf = (env, shard) => env.SHARDS.get(env.SHARDS.idFromName(shard));

/** Calls `action(object)`, which must be idempotent, and retries when it fails. */
export async function retryOnObject(env, shard, action) {
  for (const pause_ms of pauses_ms) {
    try {
      return await action(objectOf(env, shard));
    } catch {
      await new Promise((resolve) => setTimeout(resolve, pause_ms));
    }
  }
  return action(objectOf(env, shard));
}
