// An IndexedDB database that is reopened after the browser closed it: because its data was cleared, or another tab deletes it.

export const done = (request) => new Promise((resolve, fail) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => fail(request.error);
});

export class Database {
  #name;
  #stores;
  #open;
  #closed = false;
  #lost;

  /** @param {string} name @param {string[]} stores with out-of-line keys @param {() => void} lost called when the browser closes it */
  constructor(name, stores, lost = () => {}) {
    this.#name = name;
    this.#stores = stores;
    this.#lost = lost;
  }

  /** Begins a transaction over all stores; `ended` resolves when it is on disk. */
  async begin(mode) {
    const begin = async () => (await this.#connection()).transaction(this.#stores, mode, { durability: 'strict' });
    const transaction = await begin().catch(() => {
      this.#open = undefined;  // the connection is closing: open another
      return begin();
    });
    const ended = new Promise((resolve, fail) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => fail(transaction.error ?? new Error('the transaction was aborted'));
    });
    ended.catch(() => {});
    return { transaction, ended };
  }

  /** Closes it; every later transaction fails. */
  async close() {
    this.#closed = true;
    (await this.#open?.catch(() => undefined))?.close();
  }

  #connection() {
    if (this.#closed) throw new Error(`${this.#name} was closed`);
    this.#open ??= this.#connect().catch((error) => {
      this.#open = undefined;
      throw error;
    });
    return this.#open;
  }

  async #connect() {
    const request = indexedDB.open(this.#name, 1);
    request.onupgradeneeded = () => {
      for (const store of this.#stores) request.result.createObjectStore(store);
    };
    const connection = await done(request);
    const forget = () => {
      connection.close();
      this.#open = undefined;
      this.#lost();
    };
    connection.onclose = forget;
    connection.onversionchange = forget;
    return connection;
  }
}
