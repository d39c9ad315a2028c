// The gate of an LNTPay server, asked over its API: verify, then commit or release.
import type { LNTPay } from '../client.js';
import { APIError, type ConnectionError } from '../errors.js';
import type { Gate as GateObject, GateAdmission, NewGate } from '../objects.js';
import { cors_headers, isOurs, isPreflight, problem, unavailable, type Admission, type Gate, type Refusal, type Served, type Visit } from './gate.js';

/** The terms of a gate that is found by them, or created. */
export type Terms = Omit<NewGate, 'price_sats' | 'match' | 'name'> & {
  /** In satoshi. */
  price: number;
  /** The requests that the gate covers; default: all that the middleware sees. */
  match?: { method?: string; path?: string };
};

const credential_names = ['authorization', 'payment-authorization', 'macaroon', 'grpc-metadata-macaroon'];
const credential_word = /^\s*(l402|lsat|payment)\s/i;
const redirects_max = 20;  // browsers follow no more
const followed_uses_max = 10_000;
const redirects = new Set([301, 302, 303, 307, 308]);

export class ServerGate implements Gate {
  readonly #lntpay: LNTPay;
  readonly #find: () => Promise<GateObject>;
  #found: Promise<GateObject> | undefined;
  readonly #id: string | undefined;
  readonly #followed = new Map<string, number>();  // redemption -> redirects into the gate that it was released for

  /** @param gate the id of a gate, or the terms of one: then the key also needs gates:read and gates:write */
  constructor(lntpay: LNTPay, gate: string | Terms) {
    this.#lntpay = lntpay;
    this.#id = typeof gate === 'string' ? gate : undefined;
    this.#find = () => (typeof gate === 'string' ? lntpay.gates.get(gate) : gateOf(lntpay, gate));
  }

  /** The gate object. A failure is not kept. */
  #gate(): Promise<GateObject> {
    const found = (this.#found ??= this.#find());
    found.catch(() => (this.#found = undefined));
    return found;
  }

  async check(visit: Visit): Promise<Refusal | Admission> {
    if (isPreflight(visit)) return { allowed: true, remove: credential_names, add: [], cors: [], settle: async () => [] };
    const id = this.#id ?? (await this.#gate()).id;
    const headers: Record<string, string[]> = {};
    for (const [name, value] of visit.headers) if (credential_names.includes(name.toLowerCase())) (headers[name.toLowerCase()] ??= []).push(value);
    const { method, target: path, client, size } = visit;
    try {
      const answer = await this.#lntpay.gates.verify(id, { method, path, headers, ...(client && { client }), ...(size !== undefined && { size }) });
      return answer.allowed ? this.#admit(visit, answer) : refusal(answer);
    } catch (error) {
      if (error instanceof APIError && error.status === 404) this.#found = undefined;
      return refusalOf(error as APIError | ConnectionError);
    }
  }

  #admit(visit: Visit, { redemption_id: id, reservation, max_price_msat: max }: GateAdmission): Admission {
    const add: [string, string][] = id ? [['lntpay-redemption-id', id], ['lntpay-reservation', String(reservation)]] : [];
    if (max != null) add.push(['lntpay-max-price', String(max)]);
    const remove = visit.headers.filter(([name, value]) => isCredential(name.toLowerCase(), value) || isOurs(name)).map(([name]) => name.toLowerCase());
    return { allowed: true, remove, add, cors: cors_headers, settle: (served) => this.#settle(visit, id, reservation, served) };
  }

  async #settle(visit: Visit, id: string | null | undefined, reservation: number | null | undefined, served?: Served): Promise<[string, string][] | undefined> {
    if (!id || !reservation) return [];  // limited by time alone, or a repeat
    const commits = served && (await this.#commits(id, visit, served));
    if (!commits) {
      await this.#lntpay.redemptions.release(id, { reservation }).catch(() => {});  // else its lease ends
      return [];
    }
    const price = /^\d{1,16}$/.test(served.price ?? '') ? { price_msat: Number(served.price) } : {};
    try {
      const { payment_hash, price_msat, credit_msat } = await this.#lntpay.redemptions.commit(id, { reservation, ...price });
      const spent: [string, string][] = credit_msat == null ? [] : [['lntpay-price', String(price_msat)], ['lntpay-credit', String(credit_msat)]];
      return [['payment-receipt', receipt(payment_hash)], ...spent];
    } catch {
      return undefined;
    }
  }

  /** The table of docs/gates.md, "Uses". */
  async #commits(id: string, visit: Visit, { status, location }: Served): Promise<boolean> {
    const { method } = visit;
    if (status >= 200 && status < 300) return method !== 'HEAD';
    if (status === 304) return (await this.#known())?.not_modified === 'commit';
    if (!redirects.has(status)) return false;
    if ((method !== 'GET' && method !== 'HEAD') || !(await this.#leadsToGate(visit, location))) return true;
    const followed = (this.#followed.get(id) ?? 0) + 1;
    if (this.#followed.size >= followed_uses_max) this.#followed.clear();
    this.#followed.set(id, followed);
    return followed > redirects_max;
  }

  /** The gate, where the key may read it. */
  #known = (): Promise<GateObject | undefined> => this.#gate().catch(() => undefined);

  /** Whether a redirect leads to what this gate sells: the same path, or one within its match unless that is everything. */
  async #leadsToGate({ target, host, protocol }: Visit, location: string | null | undefined): Promise<boolean> {
    const from = new URL(`${protocol}://${host}${target}`);
    const to = location ? safeUrl(location, from) : null;
    if (!to || to.host !== from.host) return false;
    const plain = (path: string) => (path.length > 1 ? path.replace(/\/$/, '') : path);
    if (plain(to.pathname) === plain(from.pathname)) return true;
    const path = (await this.#known())?.match.path;
    if (!path || path === '/*') return false;
    return path.endsWith('/*') ? plain(to.pathname) === path.slice(0, -2) || to.pathname.startsWith(path.slice(0, -1)) : plain(to.pathname) === plain(path);
  }
}

function safeUrl(text: string, base: URL): URL | null {
  try {
    return new URL(text, base);
  } catch {
    return null;
  }
}

/** As the scheme Payment has it. */
const receipt = (reference: string): string =>
  btoa(JSON.stringify({ status: 'success', method: 'lightning', timestamp: new Date().toISOString(), reference }))
    .replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');

const isCredential = (name: string, value: string): boolean => credential_names.indexOf(name) > 0 || (name === 'authorization' && credential_word.test(value));

/** The answer for the client, as the gate words it. */
function refusal({ status = 402, reason = '', challenge, retry_after_seconds: retry_s }: GateAdmission): Refusal {
  const code = status === 402 ? 'payment_required' : status === 409 ? 'redemption_in_progress' : 'unauthenticated';
  const headers: [string, string][] = (challenge?.www_authenticate ?? []).map((line) => ['www-authenticate', line]);
  if (retry_s) headers.push(['retry-after', String(retry_s)]);
  const { amount_sats: price_sats, bolt11: invoice, payment_hash, expires_at } = challenge ?? {};
  return problem(status, code, reason, headers, challenge ? { price_sats, invoice, payment_hash, expires_at } : {});
}

/** LNTPay's refusal of the question itself. 400: the gate covers no such request. */
function refusalOf(error: APIError | ConnectionError): Refusal {
  if (!(error instanceof APIError) || ![400, 429, 503].includes(error.status)) throw error;
  const retry: [string, string][] = error.retryAfterSeconds ? [['retry-after', String(error.retryAfterSeconds)]] : [];
  return error.status === 503 ? unavailable('The gate cannot be reached. Try again.') : problem(error.status, error.code, error.message, retry);
}

/** The gate with these terms. Its name holds their hash, so that every process of a service finds the same one. */
async function gateOf(lntpay: LNTPay, { price, match = {}, ...terms }: Terms): Promise<GateObject> {
  const asked = { price_sats: price, match: { method: match.method ?? '*', path: match.path ?? '/*' }, ...terms };
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(JSON.stringify(asked)));
  const hash = [...new Uint8Array(digest).slice(0, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const name = `paid ${price} sat ${hash}`;
  for await (const gate of lntpay.gates.list()) if (gate.name === name && !gate.closed_at) return gate as GateObject;
  return (await lntpay.gates.create({ ...asked, name } as NewGate, { idempotencyKey: name.replaceAll(' ', '-') })) as GateObject;
}
