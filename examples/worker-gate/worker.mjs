// A Worker that charges for a request: returns 402 with an invoice, and the report once it is paid.
import { gate } from '../../host-adapters/cloudflare/gate.mjs';

async function report(request) {
  const { pathname } = new URL(request.url);
  return Response.json({ report: pathname, text: 'The tide is high at 14:07.', redemption: request.headers.get('lntpay-redemption-id') });
}

export default {
  fetch: (request, env) => gate(request, env, { gate: env.GATE, serve: report }),
};
