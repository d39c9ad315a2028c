// What the tab keeps beside the rows: its secrets and keys, and the webhooks that it was shown.

export class Settings {
  #open;

  constructor(name) {
    this.#open = new Promise((resolve, fail) => {
      const request = indexedDB.open(name, 1);
      request.onupgradeneeded = () => request.result.createObjectStore('settings');
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => fail(request.error);
    });
  }

  async get(name) {
    return this.#run('readonly', (settings) => settings.get(name));
  }

  async set(name, value) {
    await this.#run('readwrite', (settings) => settings.put(value, name));
  }

  async #run(mode, action) {
    const transaction = (await this.#open).transaction('settings', mode, { durability: 'strict' });
    const request = action(transaction.objectStore('settings'));
    return new Promise((resolve, fail) => {
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => fail(transaction.error);
    });
  }
}
