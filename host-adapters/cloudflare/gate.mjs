// A gate before any Worker's own handler, in a few lines:
//
//   import { gate } from 'lntpay-cloudflare/gate';
//   export default {
//     fetch: (request, env) => gate(request, env, { gate: env.GATE, serve: () => new Response('the report') }),
//   };
//
// The Worker has the binding SHARDS to LNTPay's Durable Objects (wrangler.jsonc: `"script_name": "lntpay"`).

const answer_ms_max = 100_000;  // less than a use is reserved for (core/gate/redemption.hpp), or another could be let in
const say_again_max = 3;

/**
 * @param {Request} request
 * @param {{ SHARDS: DurableObjectNamespace }} env
 * @param {object} options
 * @param {string} options.gate its id
 * @param {(request: Request) => Promise<Response> | Response} options.serve what is paid for. Its request says which redemption it is
 *   (`lntpay-redemption-id`, once or again), and has no credential.
 * @returns {Promise<Response>} 402 with an invoice, 401, 409, or what `serve` answered
 */
export async function gate(request, env, { gate: id, serve }) {
  const { pathname, search } = new URL(request.url);
  const headers = [...request.headers].filter(([name]) => !name.startsWith('lntpay-'));
  const asked = {
    method: request.method,
    target: pathname + search,
    headers: [...headers, ['lntpay-gate', id], ['x-forwarded-proto', new URL(request.url).protocol.slice(0, -1)]],
    body: '',
    client: request.headers.get('cf-connecting-ip') ?? '',
  };
  const shard = env.SHARDS.get(env.SHARDS.idFromName(shardOfGate(id)));
  const { response, pass } = await shard.gate(asked);
  if (pass === undefined) return new Response(response.body, { status: response.status, headers: response.headers });

  const told = response.headers.filter(([name]) => name.startsWith('lntpay-') && name !== 'lntpay-good-for');
  const mine = headers.filter(([name, value]) => name !== 'authorization' || !/^(l402|lsat|payment)\b/i.test(value));
  let answer;
  try {
    answer = await inTime(serve(new Request(request, { headers: [...mine, ...told] })));
  } catch (error) {
    await say(shard, pass, false);
    throw error;
  }
  const served = answer.status >= 200 && answer.status < 400;
  const written = await say(shard, pass, served);
  if (served && !written) return new Response('The payment could not be written down: try again.\n', { status: 503, headers: { 'retry-after': '2' } });
  const out = new Response(answer.body, answer);
  const receipt = response.headers.find(([name]) => name === 'payment-receipt');
  if (served && receipt) out.headers.set(...receipt);
  if (!out.headers.has('cache-control')) out.headers.set('cache-control', 'private');
  return out;
}

/** gate_{shard}{26 characters}; what is none is asked of a shard that says so. */
const shardOfGate = (id) => /^gate_([0-9A-Za-z]{2})/.exec(id)?.[1] ?? '00';

function inTime(answer) {
  let timer;
  const late = new Promise((_, fail) => (timer = setTimeout(() => fail(new Error('the service did not answer in time')), answer_ms_max)));
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}

/** Whether it is written down. */
async function say(shard, pass, served) {
  if (pass === '') return true;
  for (let tries = 0; tries < say_again_max; ++tries) {
    const { response } = await shard.redeemed(pass, served).catch(() => ({}));
    if (response?.status === 204) return true;
  }
  return false;
}
