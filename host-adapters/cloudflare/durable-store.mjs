// Rows of one shard in the SQLite of its Durable Object. A commit is one synchronous transaction. The platform holds responses and
// outgoing requests back until it is on disk (the output gate).
import { accept, keyOf, Refused, scanBounds } from '../js/keys.mjs';

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
    // One bound on each side: of two bounds on one side SQLite would walk through all rows between them.
    const { first, is_open, end } = scanBounds(range);
    const upper = end === undefined ? '' : ' AND key < ?';
    const values = end === undefined ? [first] : [first, end];
    const asked = `SELECT key, value, version FROM rows WHERE key ${is_open ? '>' : '>='} ?${upper} ORDER BY key ${range.reverse ? 'DESC' : 'ASC'} LIMIT ?`;
    return this.#sql.exec(asked, ...values, range.limit).toArray().map(entry);
  }

  commit(commit) {
    accept.commit(commit);
    const { checks, ops } = commit;
    const write = () => {
      if (checks.some(({ key, version }) => this.#find(key)?.version !== version)) return 'conflict';
      if (ops.length === 0) return 'committed';
      // One version for all rows of a commit: a key only needs one that it never had before.
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
      throw new Refused(`nothing was written: ${error.message}`);  // rolled back, for example because storage is full
    }
  }

  #find(key) {
    const [row] = this.#sql.exec('SELECT key, value, version FROM rows WHERE key = ?', key).toArray();
    return row && entry(row);
  }
}

const entry = ({ key, value, version }) => ({ key, value, version: BigInt(version) });
