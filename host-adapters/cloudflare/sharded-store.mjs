// What a session in one shard's object sees: its own rows here, and those of other shards by a call to their objects. A commit touches
// one shard (wit/edge.wit), so no transaction ever spans two.
import { accept, keyOf, Refused, shardOf } from '../js/keys.mjs';

/**
 * @typedef {import('../js/contract.d.ts').Store} Store
 * @implements {Store}
 */
export class ShardedStore {
  #at;  // (shard) => the store of that shard, here or far

  constructor(at) {
    this.#at = at;
  }

  async get(keys) {
    accept.get(keys);
    const shards = Map.groupBy(keys, shardOf);
    const found = new Map();
    await Promise.all([...shards].map(async ([shard, some]) => {
      const rows = await this.#at(shard).get(some);
      some.forEach((key, i) => found.set(key, rows[i]));
    }));
    return keys.map((key) => found.get(key));
  }

  scan(range) {
    accept.scan(range);
    return this.#at(shardOf(range.prefix)).scan(range);
  }

  async commit(commit) {
    accept.commit(commit);
    const [first] = [...commit.ops.map(keyOf), ...commit.checks.map(({ key }) => key)];
    if (first === undefined) return 'committed';
    const outcome = await this.#at(shardOf(first)).commit(commit);
    if (outcome.refused) throw new Refused(outcome.refused);
    return outcome;
  }
}
