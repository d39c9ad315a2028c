// Keeps volatile rows (keys that begin with '~') in memory and all other rows in a durable store.
import { accept, byteOrder, isVolatile, keyOf } from './keys.mjs';
import { MemoryStore } from './memory-store.mjs';

const rows_max = 20_000;

/**
 * @typedef {import('./contract.d.ts').Store} Store
 * @implements {Store}
 */
export class VolatileStore {
  #durable;
  #volatile = new MemoryStore({ rows_max });

  /** @param {import('./contract.d.ts').Store} durable its results are returned unchanged: a synchronous store stays synchronous */
  constructor(durable) {
    this.#durable = durable;
  }

  get(keys) {
    accept.get(keys);
    const far = keys.filter((key) => !isVolatile(key));
    if (far.length === keys.length) return this.#durable.get(keys);
    if (far.length === 0) return this.#volatile.get(keys);
    return this.#getBoth(keys, far);
  }

  scan(range) {
    accept.scan(range);
    if (range.prefix === '') return this.#scanBoth(range);
    return isVolatile(range.prefix) ? this.#volatile.scan(range) : this.#durable.scan(range);
  }

  commit(commit) {
    accept.commit(commit);
    const [first = ''] = [...commit.ops.map(keyOf), ...commit.checks.map(({ key }) => key)];
    return (isVolatile(first) ? this.#volatile : this.#durable).commit(commit);  // all keys are of one kind
  }

  async #getBoth(keys, far) {
    const durable = await this.#durable.get(far);
    return keys.map((key) => (isVolatile(key) ? this.#volatile.get([key])[0] : durable[far.indexOf(key)]));
  }

  async #scanBoth(range) {
    const both = [...(await this.#durable.scan(range)), ...this.#volatile.scan(range)].sort((a, b) => byteOrder(a.key, b.key));
    return (range.reverse ? both.reverse() : both).slice(0, range.limit);
  }
}
