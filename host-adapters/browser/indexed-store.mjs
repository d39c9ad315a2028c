// Rows in IndexedDB. A commit is one readwrite transaction with durability "strict": it resolves when it is on disk, and closing the tab
// before then discards it. Keys are stored as UTF-8 bytes, whose order is the contract's.
import { accept, byteOrder, keyOf, Refused, scanBounds } from '../js/keys.mjs';
import { Database, done } from './database.mjs';

const encoder = new TextEncoder();
const bytes = (key) => encoder.encode(key);

/**
 * @typedef {import('../js/contract.d.ts').Store} Store
 * @implements {Store}
 */
export class IndexedStore {
  #database;

  /** @param {string} name of the database @param {() => void} [lost] called when the browser closes it: rows may be lost */
  constructor(name, lost) {
    this.#database = new Database(name, ['rows', 'newest'], lost);
  }

  async get(keys) {
    accept.get(keys);
    const { transaction } = await this.#database.begin('readonly');
    const rows = transaction.objectStore('rows');
    return Promise.all(keys.map(async (key) => entry(await done(rows.get(bytes(key))))));
  }

  async scan(range) {
    accept.scan(range);
    const span = spanOf(range);
    if (span === null) return [];
    const { transaction } = await this.#database.begin('readonly');
    const rows = transaction.objectStore('rows');
    if (!range.reverse) return (await done(rows.getAll(span, range.limit))).map(entry);
    const found = [];
    return new Promise((resolve, fail) => {
      const request = rows.openCursor(span, 'prev');
      request.onerror = () => fail(request.error);
      request.onsuccess = () => {
        const cursor = request.result;
        if (cursor) found.push(entry(cursor.value));
        if (cursor && found.length < range.limit) cursor.continue();
        else resolve(found);
      };
    });
  }

  async commit(commit) {
    accept.commit(commit);
    const { checks, ops } = commit;
    const { transaction, ended } = await this.#database.begin('readwrite');
    try {
      const rows = transaction.objectStore('rows'), newest = transaction.objectStore('newest');
      const [last, ...seen] = await Promise.all([done(newest.get('version')), ...checks.map(({ key }) => done(rows.get(bytes(key))))]);
      if (checks.some(({ version }, i) => entry(seen[i])?.version !== version)) {
        transaction.abort();
        return 'conflict';
      }
      const version = (last ?? 0) + 1;  // for all rows of the commit: a key only needs one that it never had before
      newest.put(version, 'version');
      for (const op of ops) {
        const key = keyOf(op);
        if (op.tag === 'put') rows.put({ key, value: op.val[1], version }, bytes(key));
        else rows.delete(bytes(key));
      }
      await ended;
    } catch (error) {
      abort(transaction);
      throw new Refused(`nothing was written: ${error.message}`);  // aborted: storage is full, or the database was closed
    }
    return 'committed';
  }

  /** Deletes every row; versions continue. */
  async clear() {
    const { transaction, ended } = await this.#database.begin('readwrite');
    transaction.objectStore('rows').clear();
    await ended;
  }

  /** Closes it; every later operation fails. */
  close() {
    return this.#database.close();
  }
}

function abort(transaction) {
  try {
    transaction.abort();
  } catch {}  // it was aborted already
}

const entry = (row) => row && { ...row, version: BigInt(row.version) };

/** The keys that a scan covers; null: none, undefined: all. */
function spanOf(range) {
  const { first, is_open, end } = scanBounds(range);
  if (end === undefined) return first === '' ? undefined : IDBKeyRange.lowerBound(bytes(first), is_open);
  if (byteOrder(first, end) >= 0) return null;
  return IDBKeyRange.bound(bytes(first), bytes(end), is_open, true);
}
