// The resources of the API under their names: lntpay.charges.create(…). Fields and answers are those of the API's reference.
import type { Charge, LNTPayEvent, NewCharge, NewWithdrawal, Withdrawal } from './objects.js';
import type { Routes } from './routes.js';
import { sleep, type RequestOptions } from './transport.js';
import type { Body, QueryOf } from './types.js';
import { waitFor, type WaitOptions } from './waiting.js';

type Options = RequestOptions;

export const charges = (at: Routes) => ({
  create: (charge: NewCharge, options?: Options) => at.post('/v1/charges', [], charge, options, 'charge'),
  get: (id: string, options?: Options): Promise<Charge> => at.get('/v1/charges/{charge}', [id], undefined, options),
  list: (query?: QueryOf<'/v1/charges'>, options?: Options) => at.list('/v1/charges', [], query, options),
  update: (id: string, change: Body<'/v1/charges/{charge}', 'patch'>, options?: Options) => at.patch('/v1/charges/{charge}', [id], change, options),
  /** A withdrawal that pays the charge back, in part or wholly: `withdrawals.wait` follows it. */
  refund: (id: string, refund: Body<'/v1/charges/{charge}/refund'>, options?: Options) =>
    at.post('/v1/charges/{charge}/refund', [id], refund, options, 'withdrawal'),
  refunds: (id: string, query?: QueryOf<'/v1/charges/{charge}/refunds'>, options?: Options) => at.list('/v1/charges/{charge}/refunds', [id], query, options),
  cancel: (id: string, options?: Options) => at.post('/v1/charges/{charge}/cancel', [id], undefined, options, 'charge'),
  /** The charge once it is paid, expired or canceled; as it is when the time has passed. */
  wait: (id: string, options?: WaitOptions) =>
    waitFor<Charge>(at.api, { path: `/v1/charges/${encodeURIComponent(id)}`, id, expects: 'charge' }, ({ status }) => status !== 'pending', options),
});

/** Addresses that wallets pay; each payment is a charge with the link's id in its metadata. */
export const payLinks = (at: Routes) => ({
  create: (link: Body<'/v1/pay_links'>, options?: Options) => at.post('/v1/pay_links', [], link, options, 'pay_link'),
  get: (id: string, options?: Options) => at.get('/v1/pay_links/{pay_link}', [id], undefined, options),
  list: (query?: QueryOf<'/v1/pay_links'>, options?: Options) => at.list('/v1/pay_links', [], query, options),
  update: (id: string, change: Body<'/v1/pay_links/{pay_link}', 'patch'>, options?: Options) => at.patch('/v1/pay_links/{pay_link}', [id], change, options),
  delete: (id: string, options?: Options) => at.delete('/v1/pay_links/{pay_link}', [id], options),
});

const is_over = ({ status }: Withdrawal) => status === 'succeeded' || status === 'failed';

export function withdrawals(at: Routes) {
  const wait = (id: string, options?: WaitOptions) =>
    waitFor<Withdrawal>(at.api, { path: `/v1/withdrawals/${encodeURIComponent(id)}`, id, expects: 'withdrawal' }, is_over, options);
  return {
    /** Locks amount and fee limit, and returns before the payment has ended: `wait` follows. */
    create: (withdrawal: NewWithdrawal, options?: Options) => at.post('/v1/withdrawals', [], withdrawal, options, 'withdrawal'),
    /** The withdrawal once it has succeeded or failed; as it is when the time has passed: then it may still succeed. */
    wait,
    /** `create`, then `wait`. */
    async pay(withdrawal: NewWithdrawal, { idempotencyKey, ...options }: WaitOptions & { idempotencyKey?: string } = {}): Promise<Withdrawal> {
      const { timeoutMs: _, ...request } = options;
      const made = await at.post('/v1/withdrawals', [], withdrawal, { ...request, ...(idempotencyKey && { idempotencyKey }) }, 'withdrawal');
      return wait(made.id, options);
    },
    get: (id: string, options?: Options): Promise<Withdrawal> => at.get('/v1/withdrawals/{withdrawal}', [id], undefined, options),
    list: (query?: QueryOf<'/v1/withdrawals'>, options?: Options) => at.list('/v1/withdrawals', [], query, options),
    quote: (withdrawal: Body<'/v1/withdrawals/quote'>, options?: Options) => at.post('/v1/withdrawals/quote', [], withdrawal, options),
    cancel: (id: string, options?: Options) => at.post('/v1/withdrawals/{withdrawal}/cancel', [id], undefined, options, 'withdrawal'),
    reconcile: (id: string, options?: Options) => at.post('/v1/withdrawals/{withdrawal}/reconcile', [id], undefined, options, 'withdrawal'),
  };
}

export const bolt11 = (at: Routes) => ({
  decode: (invoice: string, options?: Options) => at.post('/v1/bolt11/decode', [], { bolt11: invoice }, options),
});

export const balance = (at: Routes) => ({
  get: (options?: Options) => at.get('/v1/balance', [], undefined, options),
});

export const ledger = (at: Routes) => ({
  list: (query?: QueryOf<'/v1/ledger'>, options?: Options) => at.list('/v1/ledger', [], query, options),
  verify: (query?: QueryOf<'/v1/ledger/verify'>, options?: Options) => at.get('/v1/ledger/verify', [], query, options),
  /** A page of CSV or JSON lines. */
  export: (query?: QueryOf<'/v1/ledger/export'>, options?: Options) =>
    at.api.send<string>({ method: 'GET', path: '/v1/ledger/export', query: query as never, text: true }, options),
  reconcile: (query?: QueryOf<'/v1/reconciliation'>, options?: Options) => at.get('/v1/reconciliation', [], query, options),
});

/** How long a part of a stream waits for an event. */
const follow_s = 25;

/** The delay before the next part of a stream. */
const retry_ms = 100;

/** The events of a part of the stream, and the place at which the next part begins. */
function readPart(text: string): { events: LNTPayEvent[]; place?: number } {
  const part: { events: LNTPayEvent[]; place?: number } = { events: [] };
  for (const block of text.split('\n\n')) {
    const lines = block.split('\n');
    const id = lines.find((line) => line.startsWith('id: '));
    const data = lines.find((line) => line.startsWith('data: '));
    if (!id) continue;
    part.place = Number(id.slice(4));
    if (data) part.events.push(JSON.parse(data.slice(6)) as LNTPayEvent);
  }
  return part;
}

export function events(at: Routes) {
  type Asked = QueryOf<'/v1/events'>;
  type EventPage = { has_more: boolean; next_after_seq?: number; next_before_seq?: number };
  const next = (page: EventPage) => {
    if (!page.has_more) return undefined;
    return page.next_before_seq === undefined ? { after_seq: page.next_after_seq } : { before_seq: page.next_before_seq };
  };
  const list = (query?: Asked, options?: Options) => at.list('/v1/events', [], query, options, next as never);
  return {
    list,
    get: (id: string, options?: Options) => at.get('/v1/events/{event}', [id], undefined, options),
    /** All events after `after_seq`, and then each new one as it happens, until `signal` aborts. */
    async *follow(query: QueryOf<'/v1/events/stream'> = {}, options: Options = {}): AsyncGenerator<LNTPayEvent, void, undefined> {
      for (let after_seq = query.after_seq ?? 0; !options.signal?.aborted; ) {
        const asked = { method: 'GET', path: '/v1/events/stream', query: { wait: follow_s, ...query, after_seq } as never, text: true } as const;
        const { events: happened, place } = readPart(await at.api.send<string>(asked, options));
        yield* happened;
        if (place === undefined || Number.isNaN(place) || place === after_seq) await sleep(retry_ms, options.signal);
        else after_seq = place;
      }
    },
    types: (options?: Options) => at.list('/v1/event_types', [], undefined, options),
  };
}
