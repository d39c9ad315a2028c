// A gate in front of a Worker's handler:
//
//   import { gate } from '…/host-adapters/cloudflare/gate.mjs';
//   export default {
//     fetch: (request, env) => gate(request, env, { gate: env.GATE, serve: () => new Response('the report') }),
//   };
//
// The Worker needs the service binding LNTPAY to LNTPay's entrypoint `Gates`, which gives access to gates and nothing else:
//   "services": [{ "binding": "LNTPAY", "service": "lntpay", "entrypoint": "Gates" }]
import { guard } from '../js/gating.mjs';

/**
 * @param {Request} request
 * @param {{ LNTPAY: import('../js/gating.mjs').Gates }} env
 * @param {object} options
 * @param {string} options.gate its id
 * @param {(request: Request) => Promise<Response> | Response} options.serve the paid handler (js/gating.mjs)
 * @returns {Promise<Response>} that of js/gating.mjs; 503 while LNTPay cannot be reached
 */
export async function gate(request, env, { gate: id, serve }) {
  let responded = false;
  const gates = {
    async gate(asked) {
      const outcome = await env.LNTPAY.gate(asked);
      responded = true;
      return outcome;
    },
    redeemed: (answered) => env.LNTPAY.redeemed(answered),
  };
  try {
    return await guard(request, { gates, gate: id, serve, client: request.headers.get('cf-connecting-ip') ?? '' });
  } catch (error) {
    if (responded) throw error;
    console.log(`the gate cannot be reached: ${error.message}`);
    return new Response('The gate cannot be reached. Try again.\n', { status: 503, headers: { 'retry-after': '2' } });
  }
}
