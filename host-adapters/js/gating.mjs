// A gate in front of a handler, on hosts with WHATWG requests: authorizes the request, calls `serve`, and records its response before the
// first byte of it is sent (docs/gates.md). The steps are those of wit/README.md, "A gate in a host".
import { followBody } from './client-body.mjs';

const times = {
  answer_ms: 100_000,  // shorter than the lease of a use (core/gate/redemption.hpp), or another request could take the use
  piece_ms: 60_000,  // between two pieces of the request's body
};
const body_of = {
  408: 'The request body did not arrive in time. No use was taken; send the request again.\n',
  501: 'A payment covers one response, so a gate upgrades no connection. Send the request without an Upgrade header.\n',
  503: 'The use of the payment could not be recorded. Try again with the same credential.\n',
};

/**
 * @typedef {import('./contract.d.ts').Header} Header
 * @typedef {object} Gates LNTPay's gates
 * @property {(asked: import('./contract.d.ts').Request) => Promise<import('./contract.d.ts').Outcome>} gate
 * @property {(answered: import('./contract.d.ts').ProtectedResponse) => Promise<import('./contract.d.ts').Outcome>} redeemed its response is 204 once the outcome is recorded
 *
 * @param {Request} request
 * @param {object} options
 * @param {Gates} options.gates
 * @param {string} options.gate its id
 * @param {(request: Request) => Promise<Response> | Response} options.serve the paid handler. Its request has no credential and names
 *   the redemption (`lntpay-redemption-id`, the same id when a failed request is retried).
 * @param {string} [options.client] the visitor's address
 * @param {string} [options.base] the path prefix in front of the gate's paths
 * @param {number} [options.answer_ms] for `serve`
 * @param {number} [options.piece_ms] for each piece of the request's body
 * @returns {Promise<Response>} 402 with an invoice, 401, 409, the answer to a preflight, 408 where the request's body stalls, or the
 *   response of `serve`; rejects with the error of `serve`
 */
export async function guard(request, { gates, gate, serve, client = '', base = '', answer_ms = times.answer_ms, piece_ms = times.piece_ms }) {
  if (request.headers.has('upgrade')) return plain(501);
  const { pathname, search, protocol, host } = new URL(request.url);
  const headers = [...request.headers].filter(([name]) => !isOurs(name));
  const seen = headers.filter(([name]) => name !== 'x-forwarded-proto' && name !== 'host');
  /** @type {import('./contract.d.ts').Request} */
  const asked = {
    method: request.method,
    target: pathname.slice(base.length) + search,
    headers: [...seen, ['host', host], ['lntpay-gate', gate], ['x-forwarded-proto', protocol.slice(0, -1)], ...sizeOf(request)],
    body: '',
    client,
  };
  const { response, pass } = await gates.gate(asked);
  if (!pass) {
    if (!response) throw new Error('the gate returned no response');
    return new Response(response.body || null, { status: response.status, headers: response.headers });
  }
  const { allowed, followed } = forward(request, headers, pass, piece_ms);
  const { answer, error } = await inTime(serve, allowed, answer_ms);
  const stalled = followed?.hasStalled() || (error instanceof Late && followed?.isAwaited());
  const served = stalled || error ? undefined : answer;
  if (stalled) followed?.stop();
  const recorded = await record(gates, pass.redemption, served);
  if (stalled) return withCors(plain(408), pass);
  if (error) throw error;
  const delivers = answer.status >= 200 && answer.status < 400;
  if (!recorded && delivers) return withCors(plain(503, { 'retry-after': '2' }), pass);
  const out = new Response(answer.body, answer);
  for (const [name, value] of [...pass.respond, ...(recorded ?? [])]) {
    if (name === 'set-cookie') out.headers.append(name, value);
    else out.headers.set(name, value);
  }
  // A shared cache must not store a paid response.
  if (!/\b(private|no-store)\b/i.test(out.headers.get('cache-control') ?? '')) out.headers.set('cache-control', 'private');
  return withCors(out, pass);
}

/** Headers that only LNTPay may set, in every spelling that some servers treat as equal. */
const isOurs = (name) => /^(lntpay-|payment-receipt$)/.test(spellingOf(name));
const spellingOf = (name) => name.toLowerCase().replace(/[^a-z0-9]/g, '-');

/**
 * The size of the request's body, as a line for the gate; none where it is unknown.
 * @param {Request} request
 * @returns {[string, string][]}
 */
function sizeOf(request) {
  const size = request.body ? request.headers.get('content-length') : '0';
  return size === null ? [] : [['lntpay-body-size', size]];
}

/** The request for the service: without the credential's lines, with those of the gate; and its body where it has one. */
function forward(request, headers, { remove, add, bodiless }, piece_ms) {
  const kept = headers.filter(([name]) => !remove.some((removed) => spellingOf(removed) === spellingOf(name)));
  const lines = [...kept, ...add];
  if (bodiless) return { allowed: new Request(request.url, { method: request.method, headers: lines }) };
  if (!request.body) return { allowed: new Request(request, { headers: lines }) };
  const followed = followBody(request, piece_ms);
  return { allowed: new Request(request, { headers: lines, body: followed.body, ...{ duplex: 'half' } }), followed };
}

/** The headers for the client's response once the outcome is recorded; undefined if it could not be. `served` is undefined where the
 * service has no response. */
async function record(gates, redemption, served) {
  if (redemption === '') return [];
  const line = (name) => served?.headers.get(name) ?? '';
  const answered = { redemption, status: served?.status ?? 0, location: line('location'), price: line('lntpay-price') };
  const { response } = await gates.redeemed(answered).catch(() => ({ response: undefined }));
  return response?.status === 204 ? response.headers : undefined;
}

/** Lets pages of every origin read the response, unless the service decided about that itself. */
function withCors(response, { cors }) {
  if ([...response.headers.keys()].some((name) => name.startsWith('access-control-'))) return response;
  for (const [name, value] of cors) response.headers.set(name, value);
  return response;
}

const plain = (status, headers = {}) => new Response(body_of[status], { status, headers });

/** Stands for a handler that did not respond in time. */
class Late extends Error {}

/** The handler's response, or its error. */
async function inTime(serve, request, ms) {
  let timer;
  const late = new Promise((_, fail) => (timer = setTimeout(() => fail(new Late('the service did not respond in time')), ms)));
  try {
    return { answer: await Promise.race([(async () => serve(request))(), late]), error: undefined };
  } catch (error) {
    return { answer: undefined, error };
  } finally {
    clearTimeout(timer);
  }
}
