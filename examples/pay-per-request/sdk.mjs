// The service of server.mjs with the npm package @lntpay/sdk: GET /premium returns 402 with an invoice, and 200 once the invoice is paid.
//   LNTPAY_API_KEY=lnt_test_… LNTPAY_WEBHOOK_SECRET=whsec_… LNTPAY_GATE=gate_… node sdk.mjs
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { LNTPay } from '@lntpay/sdk';

/// `onDelivery(headers, body)` receives every webhook that was handled, unchanged, for the demo.
export function createService({ apiKey, webhookSecret, gate, baseUrl, onDelivery = () => {} }) {
  const lntpay = new LNTPay({ apiKey, webhookSecret, baseUrl });
  const pending = new Set();  // payment hashes
  const paid = new Set();     // and not served yet
  const served = new Set();   // one payment, one response, whatever proved it

  /// The signature covers the raw body.
  async function receiveWebhook(headers, body) {
    const { type, data } = await lntpay.webhooks.verify(headers, body);
    if (type === 'charge.paid' && pending.delete(data.payment_hash)) paid.add(data.payment_hash);
    onDelivery(headers, body);
    return [200, { received: true }];
  }

  function serve(hash) {
    if (served.has(hash)) return [402, { error: 'served already' }];
    served.add(hash);
    return [200, { content: 'The paid content.' }];
  }

  async function premium({ method, headers: { authorization = '' } }, path, hash) {
    if (paid.delete(hash)) return serve(hash);
    if (pending.has(hash)) return [402, { error: 'not paid yet', payment_hash: hash }];
    const { allowed, redemption_id, reservation, challenge, status, reason } = await lntpay.gates.verify(gate, { method, path, authorization });
    if (allowed) return serve((await lntpay.redemptions.commit(redemption_id, { reservation })).payment_hash);
    if (!challenge) return [status, { error: reason }];
    const { www_authenticate, amount_sats, bolt11, payment_hash, expires_at, checkout_url } = challenge;
    pending.add(payment_hash);
    return [status, { error: reason, amount_sats, bolt11, payment_hash, expires_at, checkout_url }, { 'www-authenticate': www_authenticate }];
  }

  async function answer(request) {
    const { pathname, searchParams } = new URL(request.url, 'http://localhost');
    if (request.method === 'POST' && pathname === '/webhooks/lntpay') return receiveWebhook(request.headers, await buffer(request));
    if (request.method === 'GET' && pathname === '/premium') return premium(request, pathname, searchParams.get('payment'));
    return [404, { error: 'not found' }];
  }

  return createServer(async (request, response) => {
    const failed = ({ name, message }) => [name === 'WebhookVerificationError' ? 400 : 502, { error: message }];
    const [status, body, headers] = await answer(request).catch(failed);
    response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers }).end(JSON.stringify(body));
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { LNTPAY_GATE: gate, PORT: port = 3000 } = process.env;  // LNTPay reads the other variables
  createService({ gate }).listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${port}/premium`));
}
