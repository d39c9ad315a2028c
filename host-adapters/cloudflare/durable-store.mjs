// Rows of one shard in the SQLite of its Durable Object. A commit is one synchronous transaction, and nothing leaves the object before
// it is on disk: the platform holds answers and requests back until then (the output gate).
import { accept, byteOrder, keyOf, prefixEnd, Refused } from '../js/keys.mjs';

/**
 * @typedef {import('../js/contract.d.ts').Store} Store
 * @implements {Store}
 */
export class DurableStore {
  #storage;
  #sql;

  /** @param {import('@cloudflare/workers-types').DurableObjectStorage} storage */
  constructor(storage) {
    this.#storage = storage;
    this.#sql = storage.sql;
    this.#sql.exec(`
      CREATE TABLE IF NOT EXISTS rows (key TEXT PRIMARY KEY, value TEXT NOT NULL, version INTEGER NOT NULL) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS newest (one INTEGER PRIMARY KEY CHECK (one = 1), version INTEGER NOT NULL);
      INSERT OR IGNORE INTO newest VALUES (1, 0);`);
  }

  get(keys) {
    accept.get(keys);
    return keys.map((key) => this.#find(key));
  }

  scan(range) {
    accept.scan(range);
    const { prefix, after, limit, reverse } = range;
    // Bounds are taken together here: of two on one side SQLite would walk through all rows between them.
    const bounds = [], values = [];
    const add = (bound, value) => {
      bounds.push(`key ${bound} ?`);
      values.push(value);
    };
    const end = prefixEnd(prefix);
    const goes_on = after !== '';
    if (!reverse && goes_on && byteOrder(after, prefix) >= 0) add('>', after);
    else add('>=', prefix);
    if (reverse && goes_on && (end === undefined || byteOrder(after, end) < 0)) add('<', after);
    else if (end !== undefined) add('<', end);
    const order = reverse ? 'DESC' : 'ASC';
    const asked = `SELECT key, value, version FROM rows WHERE ${bounds.join(' AND ')} ORDER BY key ${order} LIMIT ?`;
    return this.#sql.exec(asked, ...values, limit).toArray().map(entry);
  }

  commit(commit) {
    accept.commit(commit);
    const { checks, ops } = commit;
    const write = () => {
      if (checks.some(({ key, version }) => this.#find(key)?.version !== version)) return 'conflict';
      if (ops.length === 0) return 'committed';
      // One version for all rows of a commit: what counts is that a key never had it before.
      const { version } = this.#sql.exec('UPDATE newest SET version = version + 1 RETURNING version').one();
      for (const op of ops) {
        if (op.tag === 'put') this.#sql.exec('INSERT OR REPLACE INTO rows VALUES (?, ?, ?)', ...op.val, version);
        else this.#sql.exec('DELETE FROM rows WHERE key = ?', keyOf(op));
      }
      return 'committed';
    };
    try {
      return this.#storage.transactionSync(write);
    } catch (error) {
      throw new Refused(`nothing was written: ${error.message}`);  // it was rolled back: no room
    }
  }

  #find(key) {
    const [row] = this.#sql.exec('SELECT key, value, version FROM rows WHERE key = ?', key).toArray();
    return row && entry(row);
  }
}

const entry = ({ key, value, version }) => ({ key, value, version: BigInt(version) });
