// Rows in memory, for tests and short-lived hosts, and the model for other stores in JavaScript (the contract: wit/edge.wit).
import { accept, byteOrder, keyOf } from './keys.mjs';

/**
 * @typedef {import('./contract.d.ts').Store} Store
 * @implements {Store}
 */
export class MemoryStore {
  #rows = new Map();
  #rows_max;
  /** @type {string[] | null} */
  #sorted = null;  // the keys in order; built by the next scan
  #version = 0n;   // one counter for all keys, so no key gets a version twice

  /** @param {{ rows_max?: number }} [options] beyond `rows_max` the oldest rows are evicted: for volatile rows only */
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

/** The index of the first key that is not less than `key`. */
function lowerBound(sorted, key) {
  let low = 0, high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (byteOrder(sorted[middle], key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
