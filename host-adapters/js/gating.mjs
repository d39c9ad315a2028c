// A gate in front of a handler, on hosts with WHATWG requests: authorizes the request, calls `serve`, and records the outcome before the
// first byte of the response is sent (docs/gates.md).

const answer_ms_max = 100_000;  // shorter than the lease of a use (core/gate/redemption.hpp), or another request could take the use
const body_of = {
  501: 'A payment covers one response, so a gate upgrades no connection. Send the request without an Upgrade header.\n',
  503: 'The use of the payment could not be recorded. Try again with the same credential.\n',
};

/**
 * @typedef {import('./contract.d.ts').Header} Header
 * @typedef {object} Gates LNTPay's gates
 * @property {(asked: import('./contract.d.ts').Request) => Promise<import('./contract.d.ts').Outcome>} gate
 * @property {(pass: string, served: boolean) => Promise<import('./contract.d.ts').Outcome>} redeemed its response is 204 once the outcome is recorded
 *
 * @param {Request} request
 * @param {object} options
 * @param {Gates} options.gates
 * @param {string} options.gate its id
 * @param {(request: Request) => Promise<Response> | Response} options.serve the paid handler. Its request has no credential and names
 *   the redemption (`lntpay-redemption-id`, the same id when a failed request is retried).
 * @param {string} [options.client] the visitor's address
 * @param {string} [options.base] the path prefix in front of the gate's paths
 * @returns {Promise<Response>} 402 with an invoice, 401, 409, or the response of `serve`; rejects with the error of `serve`
 */
export async function guard(request, { gates, gate, serve, client = '', base = '' }) {
  if (request.headers.has('upgrade')) return plain(501);
  const { pathname, search, protocol } = new URL(request.url);
  const headers = [...request.headers].filter(([name]) => !isOurs(name) && name !== 'x-forwarded-proto');
  /** @type {import('./contract.d.ts').Request} */
  const asked = {
    method: request.method,
    target: pathname.slice(base.length) + search,
    headers: [...headers, ['lntpay-gate', gate], ['x-forwarded-proto', protocol.slice(0, -1)]],
    body: '',
    client,
  };
  const { response, pass } = await gates.gate(asked);
  if (!response) throw new Error('the gate returned no response');
  if (pass === undefined) return new Response(response.body, { status: response.status, headers: response.headers });

  const passed_on = response.headers.filter(([name]) => isOurs(name) && name !== 'lntpay-good-for');
  let answer;
  try {
    answer = await inTime(serve(new Request(request, { headers: [...headers.flatMap(withoutCredential), ...passed_on] })));
  } catch (error) {
    await gates.redeemed(pass, false).catch(() => {});
    throw error;
  }
  const served = answer.status >= 200 && answer.status < 400;
  const written = pass === '' || (await gates.redeemed(pass, served).then(({ response: said }) => said?.status === 204, () => false));
  if (served && !written) return plain(503, { 'retry-after': '2' });
  const out = new Response(answer.body, answer);
  if (!served) return out;
  const receipt = response.headers.find(([name]) => name === 'payment-receipt');
  if (receipt) out.headers.set('payment-receipt', receipt[1]);
  // A shared cache must not store a paid response.
  if (!/\b(private|no-store)\b/i.test(out.headers.get('cache-control') ?? '')) out.headers.set('cache-control', 'private');
  return out;
}

const plain = (status, headers = {}) => new Response(body_of[status], { status, headers });

/** Headers that only LNTPay may set, in every spelling that some servers treat as equal. */
const isOurs = (name) => /^lntpay[-_]/i.test(name);

/** Removes the gate's credential: its Authorization header, and LNTPay's cookies. @param {Header} header @returns {Header[]} */
function withoutCredential([name, value]) {
  if (name === 'authorization' && /^(l402|lsat|payment)\b/i.test(value)) return [];
  if (name !== 'cookie') return [[name, value]];
  const others = value.split(';').map((one) => one.trim()).filter((one) => one !== '' && !one.startsWith('lntpay_gate_'));
  return others.length > 0 ? [[name, others.join('; ')]] : [];
}

function inTime(answer) {
  let timer;
  const late = new Promise((_, fail) => (timer = setTimeout(() => fail(new Error('the service did not respond in time')), answer_ms_max)));
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
