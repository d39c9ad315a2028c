// A session's view of all shards: its own rows, and rows of other shards by calls to their objects. A commit touches one shard
// (wit/edge.wit), so no transaction spans two.
import { accept, keyOf, Refused, shardOf } from '../js/keys.mjs';

/**
 * @typedef {import('../js/contract.d.ts').Store} Store
 * @implements {Store}
 */
export class ShardedStore {
  #at;  // (shard) => the store of that shard, local or remote

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
