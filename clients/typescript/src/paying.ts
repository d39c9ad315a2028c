// A fetch that pays: answers 402 with a payment within a budget, keeps what it bought for each resource, and pays no challenge twice.
import { Buyer, type PayingOptions, type Purchase, type Sold } from './buying.js';
import { credentialOf, readOffers } from './challenges.js';
import { readRetryAfter } from './response.js';
import { sleep } from './transport.js';

export interface PayingFetch {
  (input: Request | string | URL, init?: RequestInit): Promise<Response>;
  /** What was paid, or may have been. */
  readonly spentMsat: number;
}

const rounds_max = 5;
const busy_pauses_max = 8;  // 1, 2, 4 … seconds: a lease of two minutes at most
const busy_pause_s_max = 150;  // longer than the lease of a use

export function payingFetch({ store = new Map<string, Purchase>(), fetch = (...asked) => globalThis.fetch(...asked), ...options }: PayingOptions): PayingFetch {
  const buyer = new Buyer({ ...options, store });
  const unspent = new Map<string, Purchase[]>();  // resource -> presented without a response, or with one that costs nothing
  const in_use = new Map<string, number>();  // preimage -> requests that present it now

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
        const { status } = sent.response;
        if (purchase && isRejected(sent.response)) await store.delete(resource);
        else if (status >= 400 && status !== 402 && !sent.taken) keep(resource, purchase);
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
      const spare = take(sold.resource);
      const bought = spare ? { purchase: spare, mine: false } : await buyer.buy(sold, response, purchase, alone);
      await discard(response);
      purchase = bought.purchase;
      ({ response, taken } = await send(sold, purchase));
      if (bought.mine) break;
    }
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
  return Object.defineProperty(paying, 'spentMsat', { get: () => buyer.spentMsat }) as PayingFetch;
}

/** HEAD is sold as GET; a path opens with every query. */
function resourceOf(method: string, url: string, own: boolean): string {
  const { origin, pathname } = new URL(url);
  return `${method === 'HEAD' ? 'GET' : method} ${origin}${pathname}${own ? ' Payment' : ''}`;
}

/** The gate refuses the credential: a 401 with a challenge. The 401 of a service is another matter. */
const isRejected = ({ status, headers }: Response): boolean => status === 401 && readOffers(headers.get('www-authenticate')).length > 0;

const discard = (response: Response) => response.body?.cancel().catch(() => {});
