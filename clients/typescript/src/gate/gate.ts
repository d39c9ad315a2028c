// A gate in front of a handler: what every middleware does. A request is checked, served, and its use is settled before the first byte of
// the response goes out (docs/gates.md).

/** A request as the gate sees it. */
export interface Visit {
  method: string;
  /** Path and query, as received. */
  target: string;
  host: string;
  protocol: 'http' | 'https';
  headers: [string, string][];
  /** The visitor's address, for the limit of open challenges. */
  client?: string;
  /** Of the body, in bytes; undefined: unknown. */
  size?: number;
}

/** The response to a request that does not pass. */
export interface Refusal {
  allowed: false;
  status: number;
  headers: [string, string][];
  body: string;
}

/** How the handler responded; undefined: it failed, or came too late. */
export interface Served {
  status: number;
  location?: string | null;
  /** `LNTPay-Price` of a metered gate. */
  price?: string | null;
}

export interface Admission {
  allowed: true;
  /** Headers that the handler must not see, lower case. */
  remove: string[];
  /** Headers for the handler in their place. */
  add: [string, string][];
  /** Headers for the response, unless the handler sets some of CORS itself. */
  cors: [string, string][];
  /** Commits or releases the use. The headers for the response; undefined: it could not be recorded, and nothing may be delivered. */
  settle(served: Served | undefined): Promise<[string, string][] | undefined>;
}

export interface Gate {
  check(visit: Visit): Promise<Refusal | Admission>;
}

/** The handler must respond within this time: afterwards another request may have the use (a lease of two minutes). */
export const answer_ms_max = 100_000;

export const cors_headers: [string, string][] = [
  ['access-control-allow-origin', '*'],
  ['access-control-expose-headers', 'WWW-Authenticate, Payment-Receipt, Request-Id, Retry-After, LNTPay-Price, LNTPay-Credit'],
];

/** A refusal of this middleware itself, as application/problem+json. */
export function problem(status: number, code: string, detail: string, headers: [string, string][] = [], more: object = {}): Refusal {
  const title: Record<number, string> = { 400: 'Bad Request', 401: 'Payment Not Accepted', 402: 'Payment Required', 409: 'Being Served' };
  const type = { 401: 'https://paymentauth.org/problems/verification-failed', 402: 'https://paymentauth.org/problems/payment-required' };
  const body = { type: type[status as 401 | 402] ?? 'about:blank', title: title[status] ?? 'Not Available', status, detail, code, ...more };
  return {
    allowed: false,
    status,
    headers: [['content-type', 'application/problem+json'], ['cache-control', 'no-store'], ...cors_headers, ...headers],
    body: JSON.stringify(body),
  };
}

export const unavailable = (detail: string, status = 503): Refusal => problem(status, 'unavailable', detail, [['retry-after', '2']]);
export const not_recorded = unavailable('The use of the payment could not be recorded. Try again with the same credential.');
export const not_in_time = problem(504, 'timed_out', 'The service did not respond in time. Try again with the same credential.');
export const no_upgrade = problem(501, 'not_implemented', 'A payment covers one response, so no connection is upgraded.');

/** The check of a visit; a gate that cannot be asked lets nothing through. */
export async function checked(gate: Gate, visit: Visit, onError: (error: unknown) => void): Promise<Refusal | Admission> {
  if (visit.headers.some(([name]) => name.toLowerCase() === 'upgrade')) return no_upgrade;
  try {
    return await gate.check(visit);
  } catch (error) {
    onError(error);
    return unavailable('The gate cannot be reached. Try again.');
  }
}

/** The headers to add to a handler's response. `recorded` is what `settle` returned, `has` whether the handler set such a header. */
export function responseHeaders(admission: Admission, recorded: [string, string][], has: (name: string) => boolean, cacheControl: string): [string, string][] {
  const added = [...recorded];
  // A shared cache must not store a paid response.
  if (!/\b(private|no-store)\b/i.test(cacheControl)) added.push(['cache-control', 'private']);
  if (!has('access-control-allow-origin')) added.push(...admission.cors);
  return added;
}

/** Whether the response delivers something, so that it may only go out once its use is recorded. */
export const delivers = ({ status }: Served): boolean => status >= 200 && status < 400;

/** Headers that only LNTPay may set, in every spelling that some servers treat as equal. */
export const isOurs = (name: string): boolean => /^(lntpay-|payment-receipt$)/.test(name.toLowerCase().replace(/[^a-z0-9]/g, '-'));

/** A preflight costs nothing and carries no credential: it passes to the service. */
export function isPreflight({ method, headers }: Visit): boolean {
  const names = headers.map(([name]) => name.toLowerCase());
  return method === 'OPTIONS' && names.includes('origin') && names.includes('access-control-request-method');
}
