// A service that is paid per request: GET /premium returns 402 with an invoice, and 200 once the invoice is paid.
//   LNTPAY_API_KEY=lnt_test_… LNTPAY_WEBHOOK_SECRET=whsec_… node server.mjs
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';
import { createCharge } from './charges.mjs';
import { readBody, verifyHexSignature } from './signatures.mjs';

const price_sats = 21;

/// `onDelivery(headers, body)` receives every webhook unchanged, for the demo.
export function createService({ apiKey, webhookSecret, baseUrl = 'http://127.0.0.1:8402/v1', onDelivery = () => {} }) {
  const pending = new Set();  // ids of unpaid charges
  const paid = new Set();     // ids of charges that are paid and not served yet

  /// Takes the raw body, because the signature covers its bytes.
  async function receiveWebhook(request, body) {
    onDelivery(request.headers, body);
    const signature = request.headers['x-lntpay-signature'];
    if (!signature) return [400, { error: 'x-lntpay-signature is missing' }];
    if (!verifyHexSignature(webhookSecret, signature, body)) return [400, { error: 'x-lntpay-signature does not match' }];
    const event = JSON.parse(body);
    if (event.type === 'charge.paid' && pending.delete(event.data.id)) paid.add(event.data.id);
    return [200, { received: true }];
  }

  async function premium(id) {
    if (paid.delete(id)) return [200, { content: 'The paid content.', charge: id }];  // one payment, one response
    if (pending.has(id)) return [402, { error: 'not paid yet', charge: id }];
    const made = await createCharge({ apiKey, baseUrl, amount_sats: price_sats, description: 'GET /premium' });
    const { id: charge, amount_sats, bolt11, payment_hash, expires_at } = made;
    pending.add(charge);
    return [402, { error: 'payment required', charge, amount_sats, bolt11, payment_hash, expires_at }];
  }

  async function answer(request) {
    const { pathname, searchParams } = new URL(request.url, 'http://localhost');
    if (request.method === 'POST' && pathname === '/webhooks/lntpay') return receiveWebhook(request, await readBody(request));
    if (request.method === 'GET' && pathname === '/premium') return premium(searchParams.get('charge'));
    return [404, { error: 'not found' }];
  }

  return createServer(async (request, response) => {
    const [status, body] = await answer(request).catch(({ message }) => [502, { error: message }]);
    response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(JSON.stringify(body));
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { LNTPAY_API_KEY: apiKey, LNTPAY_WEBHOOK_SECRET: webhookSecret, LNTPAY_BASE_URL: baseUrl, PORT: port = 3000 } = process.env;
  if (!apiKey || !webhookSecret) {
    console.error('LNTPAY_API_KEY and LNTPAY_WEBHOOK_SECRET are not set. README.md shows how to create them.');
    process.exit(2);
  }
  const service = createService({ apiKey, webhookSecret, baseUrl });
  service.listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${port}/premium`));
}
