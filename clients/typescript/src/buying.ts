// Buys what a 402 offers, within a budget, and pays no invoice twice.
import { readOffers, type Offer } from './challenges.js';
import { PaymentError } from './errors.js';
import { toHex } from './invoice.js';

/**
 * Pays an invoice and returns its preimage (hex). It may be called once for an invoice. Throw `new PaymentError('not_paid', …)` where the
 * payment certainly was not and will not be made; any other error leaves the outcome unknown, and the amount spent.
 */
export type Payer = (invoice: string, about: { amountMsat: number; paymentHash: string; url: string }) => Promise<string | { preimage: string }>;

export interface Budget {
  /** The most that one request may cost, without routing fees. */
  perRequestSats: number;
  /** The most that all requests of this fetch may cost together. */
  totalSats: number;
}

/** What was bought, or is being bought, for a resource. Keep it like money. */
export interface Purchase {
  offer: Offer;
  /** Absent: the payer was called, and its outcome is unknown. */
  preimage?: string;
}

/** Purchases by resource (method, origin and path). Default: in memory. */
export interface PurchaseStore {
  get(resource: string): Promise<Purchase | undefined> | Purchase | undefined;
  set(resource: string, purchase: Purchase): Promise<unknown> | unknown;
  delete(resource: string): Promise<unknown> | unknown;
}

export interface PayingOptions {
  payer: Payer;
  budget: Budget;
  /** Finds the preimage of a payment whose outcome was unknown; undefined: not known yet. */
  lookup?: (paymentHash: string) => Promise<string | undefined>;
  store?: PurchaseStore;
  fetch?: typeof globalThis.fetch;
}

/** Where a request is sold, and by which scheme; any, where it names none. */
export interface Sold {
  resource: string;
  url: string;
  scheme?: Offer['scheme'];
}

export class Buyer {
  /** What was paid, or may have been. */
  spentMsat = 0;
  readonly #asked: PayingOptions & { store: PurchaseStore };
  readonly #called = new Map<string, number>();  // payment hash of each invoice that the payer was called with -> its expiry
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(asked: PayingOptions & { store: PurchaseStore }) {
    const { perRequestSats, totalSats } = asked.budget ?? {};
    for (const [name, sats] of Object.entries({ perRequestSats, totalSats })) {
      if (!(typeof sats === 'number' && sats >= 0)) throw new TypeError(`budget.${name} is missing: a number of satoshi.`);
    }
    this.#asked = asked;
  }

  /** The purchase to send: one that another request made meanwhile, unless it has to be for this one `alone`; or a new one (`mine`). */
  buy(sold: Sold, response: Response, sent: Purchase | undefined, alone: boolean): Promise<{ purchase: Purchase; mine: boolean }> {
    return this.#inTurn(sold.resource, () => this.#buy(sold, response, sent, alone));
  }

  /** Runs one purchase for a resource at a time. */
  #inTurn<T>(resource: string, action: () => Promise<T>): Promise<T> {
    const turn = (this.#turns.get(resource) ?? Promise.resolve()).then(action, action);
    this.#turns.set(resource, turn);
    const end = () => this.#turns.get(resource) === turn && this.#turns.delete(resource);
    turn.then(end, end);
    return turn;
  }

  async #buy({ resource, url, scheme }: Sold, response: Response, sent: Purchase | undefined, alone: boolean): Promise<{ purchase: Purchase; mine: boolean }> {
    const known = await this.#asked.store.get(resource);
    if (known?.preimage && known.preimage !== sent?.preimage && !alone) return { purchase: known, mine: false };
    if (known && !known.preimage) {
      const purchase = await this.#recover(resource, known);
      if (purchase) return { purchase, mine: false };
    }
    const offer = this.#choose(response, scheme);
    const { bolt11, paymentHash, amountMsat = 0 } = offer.invoice;
    this.spentMsat += amountMsat;
    this.#called.set(paymentHash, offer.invoice.expiresAt);
    try {
      await this.#asked.store.set(resource, { offer });  // before the payment: a crash after it is recovered by `lookup`
    } catch (error) {
      this.spentMsat -= amountMsat;
      throw error;
    }
    const purchase = { offer, preimage: await this.#pay(resource, offer, () => this.#asked.payer(bolt11, { amountMsat, paymentHash, url })) };
    await this.#asked.store.set(resource, purchase);
    return { purchase, mine: true };
  }

  async #pay(resource: string, { invoice }: Offer, call: () => ReturnType<Payer>): Promise<string> {
    const { paymentHash, amountMsat = 0 } = invoice;
    try {
      const paid = await call();
      const preimage = typeof paid === 'string' ? paid : paid?.preimage;
      if (await isPreimage(preimage, paymentHash)) return preimage.toLowerCase();
    } catch (cause) {
      if (!(cause instanceof PaymentError) || cause.reason !== 'not_paid') {
        throw new PaymentError('unknown', 'The payer failed, and the payment may have been made.', { paymentHash, cause });
      }
      this.spentMsat -= amountMsat;
      await this.#asked.store.delete(resource);
      throw cause;
    }
    throw new PaymentError('unknown', 'The payer returned no preimage of this invoice.', { paymentHash });
  }

  /** A purchase whose payment had an unknown outcome; undefined: its invoice has expired, and another may be bought. */
  async #recover(resource: string, { offer }: Purchase): Promise<Purchase | undefined> {
    const { paymentHash, expiresAt } = offer.invoice;
    const preimage = await this.#asked.lookup?.(paymentHash);
    if (preimage && (await isPreimage(preimage, paymentHash))) {
      const purchase = { offer, preimage: preimage.toLowerCase() };
      await this.#asked.store.set(resource, purchase);
      return purchase;
    }
    if (Date.now() < expiresAt) throw new PaymentError('unknown', 'An earlier payment for this resource may still be made.', { paymentHash });
    return undefined;
  }

  /** The offer to pay; throws where the budget or the offer forbids it. */
  #choose(response: Response, scheme?: Offer['scheme']): Offer {
    const { budget } = this.#asked;
    const now_ms = Date.now();
    for (const [hash, expiry_ms] of this.#called) if (expiry_ms < now_ms) this.#called.delete(hash);
    const offer = readOffers(response.headers.get('www-authenticate')).find((each) => !scheme || each.scheme === scheme);
    if (!offer) throw new PaymentError('challenge', `The 402 has no Lightning invoice that can be read${scheme ? `, by the scheme ${scheme}` : ''}.`);
    const { paymentHash, amountMsat, expiresAt } = offer.invoice;
    const fail = (reason: PaymentError['reason'], message: string) => new PaymentError(reason, message, { paymentHash });
    if (amountMsat === undefined) throw fail('challenge', 'The invoice has no amount.');
    if (expiresAt <= now_ms) throw fail('challenge', 'The invoice has expired.');
    if (this.#called.has(paymentHash)) throw fail('refused', 'The server asks again for an invoice that was paid.');
    if (amountMsat > budget.perRequestSats * 1_000) throw fail('budget', `The request costs ${amountMsat / 1_000} sats, more than perRequestSats.`);
    if (this.spentMsat + amountMsat > budget.totalSats * 1_000) throw fail('budget', `The request costs ${amountMsat / 1_000} sats, more than is left of totalSats.`);
    return offer;
  }
}

async function isPreimage(preimage: unknown, paymentHash: string): Promise<boolean> {
  if (typeof preimage !== 'string' || !/^[0-9a-f]{64}$/i.test(preimage)) return false;
  const bytes = Uint8Array.from(preimage.match(/../g)!, (pair) => parseInt(pair, 16));
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))) === paymentHash;
}
