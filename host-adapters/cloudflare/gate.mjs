// A gate before any Worker's own handler, in a few lines:
//
//   import { gate } from '…/host-adapters/cloudflare/gate.mjs';
//   export default {
//     fetch: (request, env) => gate(request, env, { gate: env.GATE, serve: () => new Response('the report') }),
//   };
//
// The Worker has the service binding LNTPAY to LNTPay's entrypoint `Gates`, which can ask gates and nothing else:
//   "services": [{ "binding": "LNTPAY", "service": "lntpay", "entrypoint": "Gates" }]
import { guard } from '../js/gating.mjs';

/**
 * @param {Request} request
 * @param {{ LNTPAY: import('../js/gating.mjs').Gates }} env
 * @param {object} options
 * @param {string} options.gate its id
 * @param {(request: Request) => Promise<Response> | Response} options.serve what is paid for (js/gating.mjs)
 * @returns {Promise<Response>} 402 with an invoice, 401, 409, or what `serve` answered; 503 while LNTPay cannot be asked
 */
export async function gate(request, env, { gate: id, serve }) {
  let asked = false;
  const gates = {
    async gate(what) {
      const outcome = await env.LNTPAY.gate(what);
      asked = true;
      return outcome;
    },
    redeemed: (pass, served) => env.LNTPAY.redeemed(pass, served),
  };
  try {
    return await guard(request, { gates, gate: id, serve, client: request.headers.get('cf-connecting-ip') ?? '' });
  } catch (error) {
    if (asked) throw error;
    console.log(`the gate cannot be asked: ${error.message}`);
    return new Response('The gate cannot be asked: try again.\n', { status: 503, headers: { 'retry-after': '2' } });
  }
}
