// A fetch that pays: answers 402 with a payment within a budget, keeps what it bought for each resource, and pays no challenge twice.
import { credentialOf, readOffers, type Offer } from './challenges.js';
import { PaymentError } from './errors.js';
import { toHex } from './invoice.js';
import { readRetryAfter } from './response.js';
import { sleep } from './transport.js';

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

export interface PayingFetch {
  (input: Request | string | URL, init?: RequestInit): Promise<Response>;
  /** What was paid, or may have been. */
  readonly spentMsat: number;
}

/** Where a request is sold, and by which scheme; any, where it names none. */
interface Sold {
  resource: string;
  url: string;
  scheme?: Offer['scheme'];
}

const rounds_max = 5;
const busy_pauses_max = 8;  // 1, 2, 4 … seconds: a lease of two minutes at most
const busy_pause_s_max = 150;  // longer than the lease of a use

export function payingFetch({ payer, budget, lookup, store = new Map<string, Purchase>(), fetch = (...asked) => globalThis.fetch(...asked) }: PayingOptions): PayingFetch {
  for (const [name, sats] of Object.entries({ perRequestSats: budget?.perRequestSats, totalSats: budget?.totalSats })) {
    if (!(typeof sats === 'number' && sats >= 0)) throw new TypeError(`budget.${name} is missing: a number of satoshi.`);
  }
  let spent_msat = 0;
  const called = new Map<string, number>();  // payment hash of each invoice that the payer was called with -> its expiry
  const unspent = new Map<string, Purchase[]>();  // resource -> presented without a response, or with one that costs nothing
  const in_use = new Map<string, number>();  // preimage -> requests that present it now
  const turns = new Map<string, Promise<unknown>>();

  /** Runs one purchase for a resource at a time. */
  function inTurn<T>(resource: string, action: () => Promise<T>): Promise<T> {
    const turn = (turns.get(resource) ?? Promise.resolve()).then(action, action);
    turns.set(resource, turn);
    const end = () => turns.get(resource) === turn && turns.delete(resource);
    turn.then(end, end);
    return turn;
  }

  /** The purchase to send: one that another request made meanwhile, unless it has to be for this one `alone`; or a new one (`mine`). */
  async function buy({ resource, url, scheme }: Sold, response: Response, sent: Purchase | undefined, alone: boolean): Promise<{ purchase: Purchase; mine: boolean }> {
    const known = await store.get(resource);
    if (known?.preimage && known.preimage !== sent?.preimage && !alone) return { purchase: known, mine: false };
    if (known && !known.preimage) {
      const purchase = await recover(resource, known);
      if (purchase) return { purchase, mine: false };
    }
    const offer = choose(response, scheme);
    const { bolt11, paymentHash, amountMsat = 0 } = offer.invoice;
    spent_msat += amountMsat;
    called.set(paymentHash, offer.invoice.expiresAt);
    try {
      await store.set(resource, { offer });  // before the payment: a crash after it is recovered by `lookup`
    } catch (error) {
      spent_msat -= amountMsat;
      throw error;
    }
    const purchase = { offer, preimage: await pay(resource, offer, () => payer(bolt11, { amountMsat, paymentHash, url })) };
    await store.set(resource, purchase);
    return { purchase, mine: true };
  }

  async function pay(resource: string, { invoice }: Offer, call: () => ReturnType<Payer>): Promise<string> {
    const { paymentHash, amountMsat = 0 } = invoice;
    try {
      const paid = await call();
      const preimage = typeof paid === 'string' ? paid : paid?.preimage;
      if (await isPreimage(preimage, paymentHash)) return preimage.toLowerCase();
    } catch (cause) {
      if (!(cause instanceof PaymentError) || cause.reason !== 'not_paid') {
        throw new PaymentError('unknown', 'The payer failed, and the payment may have been made.', { paymentHash, cause });
      }
      spent_msat -= amountMsat;
      await store.delete(resource);
      throw cause;
    }
    throw new PaymentError('unknown', 'The payer returned no preimage of this invoice.', { paymentHash });
  }

  /** A purchase whose payment had an unknown outcome; undefined: its invoice has expired, and another may be bought. */
  async function recover(resource: string, { offer }: Purchase): Promise<Purchase | undefined> {
    const { paymentHash, expiresAt } = offer.invoice;
    const preimage = await lookup?.(paymentHash);
    if (preimage && (await isPreimage(preimage, paymentHash))) {
      const purchase = { offer, preimage: preimage.toLowerCase() };
      await store.set(resource, purchase);
      return purchase;
    }
    if (Date.now() < expiresAt) throw new PaymentError('unknown', 'An earlier payment for this resource may still be made.', { paymentHash });
    return undefined;
  }

  /** The offer to pay; throws where the budget or the offer forbids it. */
  function choose(response: Response, scheme?: Offer['scheme']): Offer {
    const now_ms = Date.now();
    for (const [hash, expiry_ms] of called) if (expiry_ms < now_ms) called.delete(hash);
    const offer = readOffers(response.headers.get('www-authenticate')).find((each) => !scheme || each.scheme === scheme);
    if (!offer) throw new PaymentError('challenge', `The 402 has no Lightning invoice that can be read${scheme ? `, by the scheme ${scheme}` : ''}.`);
    const { paymentHash, amountMsat, expiresAt } = offer.invoice;
    const fail = (reason: PaymentError['reason'], message: string) => new PaymentError(reason, message, { paymentHash });
    if (amountMsat === undefined) throw fail('challenge', 'The invoice has no amount.');
    if (expiresAt <= now_ms) throw fail('challenge', 'The invoice has expired.');
    if (called.has(paymentHash)) throw fail('refused', 'The server asks again for an invoice that was paid.');
    if (amountMsat > budget.perRequestSats * 1_000) throw fail('budget', `The request costs ${amountMsat / 1_000} sats, more than perRequestSats.`);
    if (spent_msat + amountMsat > budget.totalSats * 1_000) throw fail('budget', `The request costs ${amountMsat / 1_000} sats, more than is left of totalSats.`);
    return offer;
  }

  async function paying(input: Request | string | URL, init: RequestInit = {}): Promise<Response> {
    const request = new Request(input, init);
    const body = request.body ? await request.arrayBuffer() : undefined;
    const { method, signal, redirect } = request;
    // Beside the caller's own Authorization only the scheme Payment has a header.
    const own = request.headers.has('authorization');
    const soldAt = (url: string): Sold => ({ url, resource: resourceOf(method, url, own), ...(own && { scheme: 'Payment' }) });

    /** `taken`: another request of this fetch has the use. */
    const send = async ({ url, resource }: Sold, purchase?: Purchase): Promise<{ response: Response; taken: boolean }> => {
      try {
        const sent = await present(url, purchase);
        if (sent.response.status >= 404 && !sent.taken) keep(resource, purchase);
        return sent;
      } catch (error) {
        keep(resource, purchase);
        throw error;
      }
    };
    const present = async (url: string, purchase?: Purchase): Promise<{ response: Response; taken: boolean }> => {
      const headers = new Headers(request.headers);
      const preimage = purchase?.preimage;
      if (purchase && preimage) headers.set(own ? 'payment-authorization' : 'authorization', credentialOf(purchase.offer, preimage));
      for (let pauses = 0; ; pauses += 1) {
        const { response, shared } = await used(preimage, () => fetch(url, { ...init, method, headers, signal, redirect, ...(body && { body }) }));
        const pause_s = readRetryAfter(response.headers.get('retry-after')) ?? busy_pause_s_max + 1;
        if (response.status !== 409 || !preimage || shared) return { response, taken: shared && response.status === 409 };
        if (pauses >= busy_pauses_max || pause_s > busy_pause_s_max) return { response, taken: false };
        // An earlier request, whose response was lost, still has the use: paying again would be paying twice.
        await discard(response);
        await sleep(Math.min(Math.max(pause_s, 0.1), 2 ** pauses) * 1_000, signal);
      }
    };

    let sold = soldAt(request.url);
    let purchase = take(sold.resource) ?? (await kept(sold.resource));
    let { response, taken } = await send(sold, purchase);
    let alone = false;
    for (let round = 0; round < rounds_max; round += 1) {
      if (taken) {
        alone = true;
        await discard(response);
        ({ response } = await send(sold));  // for a challenge of this request's own
      }
      const was_sent_elsewhere = response.redirected && method !== 'GET' && method !== 'HEAD';
      if (response.status !== 402 || was_sent_elsewhere) break;
      sold = soldAt(response.url || sold.url);
      const [at, sent, refused, apart] = [sold, purchase, response, alone];
      const bought = await inTurn(at.resource, () => buy(at, refused, sent, apart));
      await discard(response);
      purchase = bought.purchase;
      ({ response, taken } = await send(at, purchase));
      if (bought.mine) break;
    }
    const was_rejected = response.status === 401 && readOffers(response.headers.get('www-authenticate')).length > 0;
    if (was_rejected && purchase) await store.delete(sold.resource);
    return response;
  }

  /** Counts the requests that have a purchase with them; `shared`: another one had it too. */
  async function used(preimage: string | undefined, exchange: () => Promise<Response>): Promise<{ response: Response; shared: boolean }> {
    if (!preimage) return { response: await exchange(), shared: false };
    const change = (by: number) => {
      const count = (in_use.get(preimage) ?? 0) + by;
      if (count > 0) in_use.set(preimage, count);
      else in_use.delete(preimage);
      return count;
    };
    const shared = change(1) > 1;
    try {
      const response = await exchange();
      return { response, shared: shared || in_use.get(preimage)! > 1 };
    } finally {
      change(-1);
    }
  }

  function keep(resource: string, purchase?: Purchase): void {
    const all = unspent.get(resource) ?? [];
    if (purchase && !all.includes(purchase)) unspent.set(resource, [...all, purchase]);
  }

  function take(resource: string): Purchase | undefined {
    const [first, ...rest] = unspent.get(resource) ?? [];
    if (rest.length > 0) unspent.set(resource, rest);
    else unspent.delete(resource);
    return first;
  }

  const kept = async (resource: string) => {
    const purchase = await store.get(resource);
    return purchase?.preimage ? purchase : undefined;
  };
  return Object.defineProperty(paying, 'spentMsat', { get: () => spent_msat }) as PayingFetch;
}

/** HEAD is sold as GET; a path opens with every query. */
function resourceOf(method: string, url: string, own: boolean): string {
  const { origin, pathname } = new URL(url);
  return `${method === 'HEAD' ? 'GET' : method} ${origin}${pathname}${own ? ' Payment' : ''}`;
}

const discard = (response: Response) => response.body?.cancel().catch(() => {});

async function isPreimage(preimage: unknown, paymentHash: string): Promise<boolean> {
  if (typeof preimage !== 'string' || !/^[0-9a-f]{64}$/i.test(preimage)) return false;
  const bytes = Uint8Array.from(preimage.match(/../g)!, (pair) => parseInt(pair, 16));
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))) === paymentHash;
}
