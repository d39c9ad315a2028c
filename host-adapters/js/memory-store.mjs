// Rows in memory, for tests and short-lived hosts: what wit/edge.wit asks of a store, and the model for others in JavaScript.

/** @implements {import('./contract').Store} */
export class MemoryStore {
  #rows = new Map();
  #sorted = null;  // the keys in order, made when a scan needs them
  #version = 0n;   // one counter for all keys: a key never sees a version twice

  get(keys) {
    return keys.map((key) => this.#rows.get(key));
  }

  scan({ prefix, after, limit, reverse }) {
    this.#sorted ??= [...this.#rows.keys()].sort(byteOrder);
    const begin = this.#lowerBound(prefix);
    let end = begin;
    while (end < this.#sorted.length && this.#sorted[end].startsWith(prefix)) ++end;
    const found = this.#sorted.slice(begin, end);
    if (reverse) found.reverse();
    const isAfter = (key) => after === '' || (reverse ? byteOrder(key, after) < 0 : byteOrder(key, after) > 0);
    return found.filter(isAfter).slice(0, limit).map((key) => this.#rows.get(key));
  }

  commit({ checks, ops }) {
    if (checks.some(({ key, version }) => this.#rows.get(key)?.version !== version)) return 'conflict';
    for (const { tag, val } of ops) {
      const key = tag === 'put' ? val[0] : val;
      if (this.#rows.has(key) !== (tag === 'put')) this.#sorted = null;
      if (tag === 'put') this.#rows.set(key, { key, value: val[1], version: ++this.#version });
      else this.#rows.delete(key);
    }
    return 'committed';
  }

  #lowerBound(key) {
    let low = 0, high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (byteOrder(this.#sorted[middle], key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/// Keys are ASCII, so UTF-16 units order as bytes do.
const byteOrder = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
