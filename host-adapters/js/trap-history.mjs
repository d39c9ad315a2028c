// Clients that trapped the engine in the last minutes, by the rules of the server (host-adapters/server/engine/trap_history.hpp; a test
// compares the constants): their requests are refused for a while, so that one client's broken request does not end the instance again
// and again for everyone.

export const clients_max = 1_000;
export const key_traps_tolerated = 2;
export const group_traps_tolerated = 10;
export const backoff_doublings_max = 9;
export const forgotten_after = 10 * 60_000;
export const key_refused_for_max = 5 * 60_000;
export const group_refused_for_max = 60_000;

/** A request with a key counts for the key; another one, such as a checkout page's, for its path. */
const keyOf = ({ headers, target }) => lineOf(headers, 'authorization') ?? target.split('?', 1)[0];
const lineOf = (headers, wanted) => headers.find(([name]) => name === wanted)?.[1];

/** Beside it, the keys of a shard, or the requests without a key of an address. */
const groupOf = (request) => {
  const [, shard] = /^bearer +lnt_(?:test|live)_([0-9a-z]{2})[0-9a-z]{36}$/i.exec(lineOf(request.headers, 'authorization') ?? '') ?? [];
  if (shard) return `shard ${shard}`;
  const address = addressOf(request);
  return address && `address ${address}`;
};
/** The peer's address or, if it is a proxy on this machine, the last one in its X-Forwarded-For. */
const addressOf = ({ client, headers }) => {
  if (!/^(127\.|::1$|::ffff:127\.)/i.test(client)) return client;
  const last = (lineOf(headers, 'x-forwarded-for') ?? '').split(',').at(-1).trim();
  return /^([\d.]+|[\da-f:.]*:[\da-f:.]*)$/i.test(last) ? last : client;
};

/** @param {import('./contract.d.ts').Input} input */
const requestOf = (input) => (input.tag === 'http' || input.tag === 'gate' ? input.val : undefined);

export class TrapHistory {
  #traps = new Map();  // client -> { count, last_ms }

  /** @param {import('./contract.d.ts').Input} input @param {number} now_ms */
  refuses(input, now_ms) {
    const request = this.#traps.size > 0 && requestOf(input);
    if (!request) return false;
    return (
      this.#isRefused(keyOf(request), key_traps_tolerated, key_refused_for_max, now_ms) ||
      this.#isRefused(groupOf(request), group_traps_tolerated, group_refused_for_max, now_ms)
    );
  }

  /** @param {import('./contract.d.ts').Input} input @param {number} now_ms */
  trapped(input, now_ms) {
    const request = requestOf(input);
    if (!request) return;
    for (const [each, { last_ms }] of this.#traps) if (now_ms >= last_ms + forgotten_after) this.#traps.delete(each);
    this.#count(keyOf(request), now_ms);
    this.#count(groupOf(request), now_ms);
  }

  #isRefused(client, tolerated, refused_for_max, now_ms) {
    const traps = this.#traps.get(client);
    if (!traps || traps.count <= tolerated) return false;
    const doublings = Math.min(traps.count - tolerated - 1, backoff_doublings_max);
    return now_ms < traps.last_ms + Math.min(1_000 * 2 ** doublings, refused_for_max);
  }

  #count(client, now_ms) {
    if (!client) return;
    const count = (this.#traps.get(client)?.count ?? 0) + 1;
    this.#traps.delete(client);
    if (this.#traps.size >= clients_max) this.#traps.delete(this.#traps.keys().next().value);  // the oldest
    this.#traps.set(client, { count, last_ms: now_ms });
  }

  get size() {
    return this.#traps.size;
  }
}
