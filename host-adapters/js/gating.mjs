// A gate before a handler, on hosts with WHATWG requests: asks whether the request may pass, lets `serve` answer it, and says what
// became of it before the first byte of the answer goes out (docs/gates.md).

const answer_ms_max = 100_000;  // less than a use is reserved for (core/gate/redemption.hpp), or another could be let in
const body_of = { 501: 'A gate lets no connection be upgraded: what is paid for is one answer.\n', 503: 'The payment could not be written down: try again.\n' };

/**
 * @typedef {import('./contract.d.ts').Header} Header
 * @typedef {object} Gates where gates are asked
 * @property {(asked: import('./contract.d.ts').Request) => Promise<import('./contract.d.ts').Outcome>} gate
 * @property {(pass: string, served: boolean) => Promise<import('./contract.d.ts').Outcome>} redeemed ends with 204 where it is written down
 *
 * @param {Request} request
 * @param {object} options
 * @param {Gates} options.gates
 * @param {string} options.gate its id
 * @param {(request: Request) => Promise<Response> | Response} options.serve what is paid for. Its request says which redemption it is
 *   (`lntpay-redemption-id`: the same one again after a failure), and has no credential.
 * @param {string} [options.client] the visitor's address
 * @param {string} [options.base] the path that stands before what the gate guards
 * @returns {Promise<Response>} 402 with an invoice, 401, 409, or what `serve` answered; rejects with what `serve` threw
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
  if (!response) throw new Error('the gate gave no answer');
  if (pass === undefined) return new Response(response.body, { status: response.status, headers: response.headers });

  const told = response.headers.filter(([name]) => isOurs(name) && name !== 'lntpay-good-for');
  let answer;
  try {
    answer = await inTime(serve(new Request(request, { headers: [...headers.flatMap(withoutCredential), ...told] })));
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
  // What was paid for is kept by no cache for others.
  if (!/\b(private|no-store)\b/i.test(out.headers.get('cache-control') ?? '')) out.headers.set('cache-control', 'private');
  return out;
}

const plain = (status, headers = {}) => new Response(body_of[status], { status, headers });

/** `lntpay-…` is ours to say, in every spelling that some servers take for it. */
const isOurs = (name) => /^lntpay[-_]/i.test(name);

/** A header without what paid for it: an Authorization for gates, and a browser's cookies of ours. @param {Header} header @returns {Header[]} */
function withoutCredential([name, value]) {
  if (name === 'authorization' && /^(l402|lsat|payment)\b/i.test(value)) return [];
  if (name !== 'cookie') return [[name, value]];
  const others = value.split(';').map((one) => one.trim()).filter((one) => one !== '' && !one.startsWith('lntpay_gate_'));
  return others.length > 0 ? [[name, others.join('; ')]] : [];
}

function inTime(answer) {
  let timer;
  const late = new Promise((_, fail) => (timer = setTimeout(() => fail(new Error('the service did not answer in time')), answer_ms_max)));
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
