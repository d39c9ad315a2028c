// Rows in memory, for tests and short-lived hosts: what wit/edge.wit asks of a store, and the model for others in JavaScript.
import { accept, byteOrder, keyOf } from './keys.mjs';

/**
 * @typedef {import('./contract.d.ts').Store} Store
 * @implements {Store}
 */
export class MemoryStore {
  #rows = new Map();
  #rows_max;
  /** @type {string[] | null} */
  #sorted = null;  // the keys in order, made when a scan needs them
  #version = 0n;   // one counter for all keys: a key never sees a version twice

  /** @param {{ rows_max?: number }} [options] beyond `rows_max` the rows written longest ago are dropped: for volatile ones alone */
  constructor({ rows_max = Infinity } = {}) {
    this.#rows_max = rows_max;
  }

  get(keys) {
    accept.get(keys);
    return keys.map((key) => this.#rows.get(key));
  }

  scan(range) {
    accept.scan(range);
    const { prefix, after, limit, reverse } = range;
    const sorted = (this.#sorted ??= [...this.#rows.keys()].sort(byteOrder));
    const begin = lowerBound(sorted, prefix);
    let end = begin;
    while (end < sorted.length && sorted[end].startsWith(prefix)) ++end;
    const found = sorted.slice(begin, end);
    if (reverse) found.reverse();
    const isAfter = (key) => after === '' || (reverse ? byteOrder(key, after) < 0 : byteOrder(key, after) > 0);
    return found.filter(isAfter).slice(0, limit).map((key) => this.#rows.get(key));
  }

  commit(commit) {
    accept.commit(commit);
    const { checks, ops } = commit;
    if (checks.some(({ key, version }) => this.#rows.get(key)?.version !== version)) return 'conflict';
    for (const op of ops) {
      const key = keyOf(op);
      if (this.#rows.delete(key) !== (op.tag === 'put')) this.#sorted = null;
      if (op.tag === 'put') this.#rows.set(key, { key, value: op.val[1], version: ++this.#version });
    }
    for (const oldest of this.#rows.keys()) {
      if (this.#rows.size <= this.#rows_max) break;
      this.#rows.delete(oldest);
      this.#sorted = null;
    }
    return 'committed';
  }
}

/** Where the first key is that is not before this one. */
function lowerBound(sorted, key) {
  let low = 0, high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (byteOrder(sorted[middle], key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
