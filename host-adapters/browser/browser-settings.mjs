// The browser's settings, stored apart from the rows: secrets, keys and the webhooks that were shown.
import { Database, done } from './database.mjs';

export class Settings {
  #database;

  constructor(name) {
    this.#database = new Database(name, ['settings']);
  }

  async get(name) {
    const { transaction } = await this.#database.begin('readonly');
    return done(transaction.objectStore('settings').get(name));
  }

  async set(name, value) {
    await this.change(name, () => value);
  }

  /** @param {(before: any) => any} change */
  async change(name, change) {
    const { transaction, ended } = await this.#database.begin('readwrite');
    const settings = transaction.objectStore('settings');
    settings.put(change(await done(settings.get(name))), name);
    await ended;
  }
}
