// A service that is paid per request: GET /premium returns 402 with an invoice, and 200 once the invoice is paid.
//   LNTPAY_API_KEY=lnt_test_… LNTPAY_WEBHOOK_SECRET=whsec_… [LNTPAY_GATE=gate_…] node server.mjs
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';
import { createCharge, post } from './charges.mjs';
import { readBody, verifyHexSignature } from './signatures.mjs';

const price_sats = 21;

/// With `gate` (an id), the price is the gate's, and clients that pay by themselves find the invoice in `WWW-Authenticate` and repeat the
/// request with their credential. `onDelivery(headers, body)` receives every webhook unchanged, for the demo.
export function createService({ apiKey, webhookSecret, gate, baseUrl = 'http://127.0.0.1:8402/v1', onDelivery = () => {} }) {
  // Payment hashes: a gate's invoice becomes a charge, with an id, once it is paid.
  const pending = new Set();
  const paid = new Set();    // and not served yet
  const served = new Set();  // one payment, one response, whatever proved it
  const lntpay = (path, body) => post({ apiKey, baseUrl, path, body });

  /// Takes the raw body, because the signature covers its bytes.
  async function receiveWebhook(request, body) {
    onDelivery(request.headers, body);
    const signature = request.headers['x-lntpay-signature'];
    if (!signature) return [400, { error: 'x-lntpay-signature is missing' }];
    if (!verifyHexSignature(webhookSecret, signature, body)) return [400, { error: 'x-lntpay-signature does not match' }];
    const { type, data } = JSON.parse(body);
    if (type === 'charge.paid' && pending.delete(data.payment_hash)) paid.add(data.payment_hash);
    return [200, { received: true }];
  }

  function serve(hash) {
    if (served.has(hash)) return [402, { error: 'served already' }];
    served.add(hash);
    return [200, { content: 'The paid content.' }];
  }

  async function premium({ method, headers: { authorization } }, path, hash) {
    if (paid.delete(hash)) return serve(hash);
    if (pending.has(hash)) return [402, { error: 'not paid yet', payment_hash: hash }];
    if (!gate) return offer(await createCharge({ apiKey, baseUrl, amount_sats: price_sats, description: 'GET /premium' }));
    const pass = await lntpay(`gates/${gate}/verify`, { method, path, authorization });
    if (!pass.allowed && !pass.challenge) return [pass.status, { error: pass.reason }];
    if (!pass.allowed) return offer(pass.challenge, pass.status, { 'www-authenticate': pass.challenge.www_authenticate });
    const redemption = await lntpay(`redemptions/${pass.redemption_id}/commit`, { reservation: pass.reservation });
    return serve(redemption.payment_hash);
  }

  function offer({ amount_sats, bolt11, payment_hash, expires_at, checkout_url }, status = 402, headers = {}) {
    pending.add(payment_hash);
    return [status, { error: 'payment required', amount_sats, bolt11, payment_hash, expires_at, checkout_url }, headers];
  }

  async function answer(request) {
    const { pathname, searchParams } = new URL(request.url, 'http://localhost');
    if (request.method === 'POST' && pathname === '/webhooks/lntpay') return receiveWebhook(request, await readBody(request));
    if (request.method === 'GET' && pathname === '/premium') return premium(request, pathname, searchParams.get('payment'));
    return [404, { error: 'not found' }];
  }

  return createServer(async (request, response) => {
    const [status, body, headers] = await answer(request).catch(({ message }) => [502, { error: message }]);
    response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers }).end(JSON.stringify(body));
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { LNTPAY_API_KEY: apiKey, LNTPAY_WEBHOOK_SECRET: webhookSecret, LNTPAY_BASE_URL: baseUrl, LNTPAY_GATE: gate, PORT: port = 3000 } = process.env;
  if (!apiKey || !webhookSecret) {
    console.error('LNTPAY_API_KEY and LNTPAY_WEBHOOK_SECRET are not set. README.md shows how to create them.');
    process.exit(2);
  }
  const service = createService({ apiKey, webhookSecret, gate, baseUrl });
  service.listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${port}/premium`));
}
