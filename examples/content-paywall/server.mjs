// A page behind a paywall: a reader pays once and can read it from then on. It takes three parts: a charge for the content, whose checkout
// page shows the QR code, the webhook that reports its payment, and a cookie that identifies the reader.
//   LNTPAY_API_KEY=lnt_test_… LNTPAY_WEBHOOK_SECRET=whsec_… node server.mjs
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';
import * as api from '../pay-per-request/charges.mjs';
import { readBody, verifyHexSignature } from '../pay-per-request/signatures.mjs';

const price_sats = 50;
const article = {
  title: 'How a payment proves itself',
  teaser: 'Paying a Lightning invoice reveals a number that the payer could not have guessed.',
  content: 'The invoice contains the hash of that number. So the number is the receipt: anyone can check it, and no one can forge it.',
};

/// The event of a webhook. Throws an Error that names the problem.
function eventOf(secret, headers, body) {
  const signature = headers['x-lntpay-signature'];
  if (!signature) throw new Error('x-lntpay-signature is missing');
  if (!verifyHexSignature(secret, signature, body)) throw new Error('x-lntpay-signature does not match');
  return JSON.parse(body);
}

/// The paywall over the plain API; sdk.mjs is the same with the npm package.
export function createPaywall({ apiKey, webhookSecret, baseUrl = 'http://127.0.0.1:8402/v1' }) {
  return createPage({
    createCharge: (charge) => api.createCharge({ apiKey, baseUrl, ...charge }),
    readEvent: (headers, body) => eventOf(webhookSecret, headers, body),
  });
}

/// Keeps readers and their purchases in memory; use your database instead.
export function createPage({ createCharge, readEvent }) {
  const charges = new Map();  // id of an unpaid charge -> reader
  const offers = new Map();   // reader -> their unpaid charge
  const unlocked = new Set(); // readers who paid

  async function offer(reader, home) {
    const known = offers.get(reader);
    if (known && Date.parse(known.expires_at) > Date.now() + 60_000) return known;
    const charge = await createCharge({ amount_sats: price_sats, description: article.title, success_url: home, cancel_url: home });
    charges.set(charge.id, reader);
    offers.set(reader, charge);
    return charge;
  }

  /// Takes the raw body, because the signature covers its bytes.
  async function receiveWebhook(headers, body) {
    const event = await (async () => readEvent(headers, body))().catch(({ message }) => message);
    if (typeof event === 'string') return [400, event];
    const { type, data } = event;
    if (type === 'charge.paid' && charges.has(data.id)) {
      unlocked.add(charges.get(data.id));
      offers.delete(charges.get(data.id));
      charges.delete(data.id);
    }
    return [200, 'received'];
  }

  async function answer(request, reader) {
    const { pathname } = new URL(request.url, 'http://localhost');
    if (request.method === 'POST' && pathname === '/webhooks/lntpay') return receiveWebhook(request.headers, await readBody(request));
    if (pathname !== '/') return [404, page('Page not found', '<p><a href="/">Go to the article</a></p>')];
    if (unlocked.has(reader)) return [200, page(article.title, `<p>${article.teaser}</p><p>${article.content}</p>`)];
    if (request.method === 'POST') return [303, '', (await offer(reader, `http://${request.headers.host}/`)).checkout_url];
    if (!offers.has(reader)) return [200, page(article.title, teaser())];
    return [402, page(article.title, payment(offers.get(reader)), { refresh_s: 2 })];
  }

  return createServer(async (request, response) => {
    const known = readerOf(request);
    const reader = known ?? randomBytes(16).toString('hex');
    const unavailable = ({ message }) => [502, page('Payments are not available', `<p>Try again in a minute. (${escaped(message)})</p>`)];
    const [status, body, location] = await answer(request, reader).catch(unavailable);
    const headers = { 'content-type': `text/${body.startsWith('<') ? 'html' : 'plain'}; charset=utf-8`, 'cache-control': 'no-store' };
    if (location) headers.location = location;
    if (!known) headers['set-cookie'] = `reader=${reader}; HttpOnly; SameSite=Lax; Path=/; Max-Age=31536000`;
    response.writeHead(status, headers).end(body);
  });
}

const readerOf = (request) => /(?:^|; )reader=([0-9a-f]{32})(?:;|$)/.exec(request.headers.cookie ?? '')?.[1];
const escaped = (text) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
const teaser = () => `<p>${article.teaser}</p><form method="post"><button>Read on for ${price_sats} sat</button></form>`;
const payment = ({ checkout_url }) => `<p>${article.teaser}</p>
<p>This page shows the article once your payment has arrived.</p>
<p><a href="${checkout_url}">Pay ${price_sats} sat</a></p>`;
const page = (title, body, { refresh_s } = {}) => `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
${refresh_s ? `<meta http-equiv="refresh" content="${refresh_s};url=/">` : ''}<title>${title}</title>
<style>
  :root { color-scheme: light dark; font: 1.1rem/1.6 system-ui, sans-serif }
  body { max-width: 36rem; margin: 3rem auto; padding: 0 1rem }
  button { font: inherit; padding: 0.5rem 1rem }
</style>
<main><h1>${title}</h1>
${body}
</main></html>
`;

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { LNTPAY_API_KEY: apiKey, LNTPAY_WEBHOOK_SECRET: webhookSecret, LNTPAY_BASE_URL: baseUrl, PORT: port = 3000 } = process.env;
  if (!apiKey || !webhookSecret) {
    console.error('LNTPAY_API_KEY and LNTPAY_WEBHOOK_SECRET are not set. README.md shows how to create them.');
    process.exit(2);
  }
  createPaywall({ apiKey, webhookSecret, baseUrl }).listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${port}/`));
}
