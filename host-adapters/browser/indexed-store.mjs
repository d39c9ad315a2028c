// Rows in IndexedDB. A commit is one readwrite transaction with durability "strict": it is told when it is on disk, and a tab that is
// closed before then leaves nothing of it. Keys are kept as their UTF-8 bytes, whose order is the contract's.
import { accept, byteOrder, keyOf, prefixEnd, Refused } from '../js/keys.mjs';
import { Database, done } from './database.mjs';

const encoder = new TextEncoder();
const bytes = (key) => encoder.encode(key);

/**
 * @typedef {import('../js/contract.d.ts').Store} Store
 * @implements {Store}
 */
export class IndexedStore {
  #database;

  /** @param {string} name of the database @param {() => void} [lost] the browser took it away: rows may be gone */
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
      const version = (last ?? 0) + 1;  // for all rows of the commit: what counts is that a key never had it before
      newest.put(version, 'version');
      for (const op of ops) {
        const key = keyOf(op);
        if (op.tag === 'put') rows.put({ key, value: op.val[1], version }, bytes(key));
        else rows.delete(bytes(key));
      }
      await ended;
    } catch (error) {
      abort(transaction);
      throw new Refused(`the browser did not keep it: ${error.message}`);  // an aborted transaction leaves nothing: no room, or closed
    }
    return 'committed';
  }

  /** Every row is gone; versions go on from where they were. */
  async clear() {
    const { transaction, ended } = await this.#database.begin('readwrite');
    transaction.objectStore('rows').clear();
    await ended;
  }

  /** Whatever is asked of it from now on fails. */
  close() {
    return this.#database.close();
  }
}

function abort(transaction) {
  try {
    transaction.abort();
  } catch {}  // it has ended by itself
}

const entry = (row) => row && { ...row, version: BigInt(row.version) };

/** Prefix and `after` taken together; null: nothing can be in it, undefined: everything is. */
function spanOf({ prefix, after, reverse }) {
  const end = prefixEnd(prefix);
  const goes_on = after !== '';
  const first = !reverse && goes_on && byteOrder(after, prefix) >= 0 ? { key: after, open: true } : { key: prefix, open: false };
  const last = reverse && goes_on && (end === undefined || byteOrder(after, end) < 0) ? after : end;
  if (last === undefined) return first.key === '' ? undefined : IDBKeyRange.lowerBound(bytes(first.key), first.open);
  if (byteOrder(first.key, last) >= 0) return null;
  return IDBKeyRange.bound(bytes(first.key), bytes(last), first.open, true);
}
