// `make demo`: the paid request, end to end, over real HTTP. Exits with 0 only if every step succeeds.
//   node demo.mjs --sdk    the service with the npm package @lntpay/sdk
//   LNTPAY_BASE_URL=…/v1 LNTPAY_API_KEY=lnt_test_… node demo.mjs    uses a running sandbox on this machine
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { decodeBolt11 } from './bolt11.mjs';
import { freePort } from '../../host-adapters/js/programs.mjs';
import { startSandbox } from './sandbox.mjs';
import { verifyHexSignature, verifyStandardWebhook } from './signatures.mjs';

const { createService } = await import(process.argv.includes('--sdk') ? './sdk.mjs' : './server.mjs');
const step_ms_max = 15_000;
const start_ms_max = 60_000;  // the first start compiles the component
const rows = [];           // of the table at the end
const cleanups = [];       // run in reverse order
const exchanges = [];      // requests and responses, shown when a step fails
let steps = 0;
let sandbox;

async function call(method, url, { key, body, headers } = {}) {
  const response = await fetch(url, {
    method,
    headers: {
      ...(key && { authorization: `Bearer ${key}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    body: typeof body === 'object' && !Buffer.isBuffer(body) ? JSON.stringify(body) : body,
    signal: AbortSignal.timeout(10_000),
  });
  const text = await response.text();
  exchanges.push(`${method} ${new URL(url).pathname} -> ${response.status} ${text}`);
  return { status: response.status, headers: response.headers, json: text && JSON.parse(text) };
}

async function expect(status, ...request) {
  const answer = await call(...request);
  assert.equal(answer.status, status, `expected ${status}, got ${answer.status}`);
  return answer.json;
}

/// One step of the demo. `action` returns its result and lines to print below it.
async function step(title, action, ms_max = step_ms_max) {
  const number = String(++steps).padStart(2);
  const before = exchanges.length;
  const began = performance.now();
  let timer;
  const late = new Promise((_, fail) => (timer = setTimeout(() => fail(new Error(`no result within ${ms_max / 1000} s`)), ms_max)));
  try {
    const [result, ...details] = [].concat(await Promise.race([action(), late]));
    console.log(`${number}. ✓ ${title}  (${(performance.now() - began).toFixed(0)} ms)`);
    for (const detail of details) console.log(`      ${detail}`);
    return result;
  } catch (error) {
    error.exchanges = exchanges.slice(before);
    console.log(`${number}. ✗ ${title}`);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/// Shortens an id or an invoice; hides the secret part of a key.
const short = (text) => (text.length > 34 ? `${text.slice(0, 22)}…${text.slice(-8)}` : text);
const hidden = (text) => `${text.slice(0, 11)}…${text.slice(-4)}`;

/// A running sandbox, or a new one.
async function openSandbox() {
  const { LNTPAY_BASE_URL: given_url, LNTPAY_API_KEY: given_key } = process.env;
  return given_url && given_key
    ? step('Use the running sandbox', async () => {
        await expect(200, 'GET', `${given_url}/api_keys/current`, { key: given_key });
        return [{ api: given_url, sandbox_key: given_key }, given_url];
      })
    : step('Start a sandbox: the server with an empty database', async () => {
        sandbox = await startSandbox({ start_ms_max });
        cleanups.push(() => sandbox.stop());
        return [{ api: `${sandbox.url}/v1`, sandbox_key: sandbox.env.LNTPAY_API_KEY }, `${sandbox.url}/v1`];
      }, start_ms_max + 1_000);
}

/// A key that may create charges and ask a gate, and nothing with money.
async function createKey({ api, sandbox_key }) {
  const key = await step('Create an API key with the scopes charges:write, gates:verify and webhooks:read', async () => {
    const body = { name: 'demo', scopes: ['charges:write', 'gates:verify', 'webhooks:read'] };
    const made = await expect(201, 'POST', `${api}/api_keys`, { key: sandbox_key, body });
    cleanups.push(() => call('DELETE', `${api}/api_keys/${made.id}`, { key: sandbox_key }));
    assert.deepEqual([...made.scopes].sort(), body.scopes);
    return [made.key, `${hidden(made.key)}, shown only once`];
  });

  await step('The key is limited to its scopes: reading the balance is rejected', async () => {
    const { error } = await expect(403, 'GET', `${api}/balance`, { key });
    assert.equal(error.code, 'insufficient_scopes');
    return [null, `403 ${error.code}`];
  });
  return key;
}

/// The secret of the service's webhook endpoint.
async function registerWebhook({ api, sandbox_key, key, service_url }) {
  return step('Register a webhook endpoint for charge.paid', async () => {
    const body = { url: `${service_url}/webhooks/lntpay`, event_types: ['charge.paid'] };
    const made = await expect(201, 'POST', `${api}/webhook_endpoints`, { key: sandbox_key, body });
    cleanups.push(() => call('DELETE', `${api}/webhook_endpoints/${made.id}`, { key: sandbox_key }));
    assert.match(made.secret, /^whsec_[A-Za-z0-9+/]{32,}=*$/);
    const read = await expect(200, 'GET', `${api}/webhook_endpoints/${made.id}`, { key });
    assert.ok(!('secret' in read), 'the secret is shown once');
    return [made.secret, `${made.url}, secret ${hidden(made.secret)}, shown only once`];
  });
}

/// The gate with the price.
async function createGate({ api, sandbox_key }) {
  return step('Create a gate: GET /premium costs 21 sat', async () => {
    const body = { name: 'GET /premium', price_sats: 21, match: { method: 'GET', path: '/premium' } };
    const made = await expect(201, 'POST', `${api}/gates`, { key: sandbox_key, body });
    cleanups.push(() => call('DELETE', `${api}/gates/${made.id}`, { key: sandbox_key }));
    return [made.id, made.id];
  });
}

/// The service, whose webhooks are kept in `deliveries`.
async function startService({ api, key, secret, gate, service_url, deliveries }) {
  await step('Start the paid service', async () => {
    const onDelivery = (headers, body) => deliveries.push({ headers, body, at: performance.now() });
    const service = createService({ apiKey: key, webhookSecret: secret, gate, baseUrl: api, onDelivery });
    service.listen(Number(new URL(service_url).port), '127.0.0.1');
    await once(service, 'listening');
    cleanups.push(() => new Promise((done) => service.close(done).closeAllConnections()));
    return [null, `${service_url}/premium`];
  });
}

/// An invoice for the content.
async function requestContent({ api, service_url }) {
  const offer = await step('Request the content: 402, and an invoice of 21 sat for this request', async () => {
    const made = await expect(402, 'GET', `${service_url}/premium`);
    assert.match(made.payment_hash, /^[0-9a-f]{64}$/);
    assert.equal(made.amount_sats, 21);
    return [made, `402, payment ${short(made.payment_hash)}`, short(made.bolt11)];
  });

  await step('See its checkout page: the invoice as a QR code', async () => {
    const page = await (await fetch(new URL(new URL(offer.checkout_url).pathname, api))).text();
    assert.match(page, /<svg /);
    assert.ok(page.includes(`lightning:${offer.bolt11}`), 'the invoice is on the page');
    return [null, `${offer.checkout_url.slice(0, 48)}…`];
  });

  await step('Decode the invoice independently: prefix, checksum, amount, payment hash', async () => {
    const invoice = decodeBolt11(offer.bolt11);
    assert.equal(invoice.network, 'bcrt');
    assert.equal(invoice.amount_msat, 21_000n);
    assert.equal(invoice.payment_hash, offer.payment_hash);
    assert.equal(invoice.description, 'GET /premium');
    assert.equal(invoice.created_s + invoice.expiry_s, Math.floor(Date.parse(offer.expires_at) / 1000));
    return [null, `lnbcrt, ${invoice.amount_msat} msat, hash ${short(invoice.payment_hash)}, expires after ${invoice.expiry_s} s`];
  });
  return offer;
}

/// Nothing but a payment unlocks the content.
async function tryWithoutPaying({ service_url, deliveries }, offer) {
  await step('Request again without paying: still 402', async () => {
    const { error } = await expect(402, 'GET', `${service_url}/premium?payment=${offer.payment_hash}`);
    return [null, `402 ${error}`];
  });

  await step('A forged webhook unlocks nothing', async () => {
    const body = Buffer.from(JSON.stringify({ type: 'charge.paid', data: { payment_hash: offer.payment_hash } }));
    const forged = { 'x-lntpay-signature': '0'.repeat(64) };
    await expect(400, 'POST', `${service_url}/webhooks/lntpay`, { body });
    await expect(400, 'POST', `${service_url}/webhooks/lntpay`, { body, headers: forged });
    await expect(402, 'GET', `${service_url}/premium?payment=${offer.payment_hash}`);
    deliveries.length = 0;
    return [null, '400 without a signature, 400 with an invalid one'];
  });
}

/// The webhook that reports the payment.
async function pay({ api, sandbox_key, secret, deliveries }, offer) {
  const paid_at = await step('Pay the invoice in the sandbox', async () => {
    const began = performance.now();
    const { charge_id } = await expect(200, 'POST', `${api}/sandbox/wallet/pay`, { key: sandbox_key, body: { bolt11: offer.bolt11 } });
    const charge = await expect(200, 'GET', `${api}/charges/${charge_id}`, { key: sandbox_key });
    assert.equal(charge.payment_hash, offer.payment_hash);
    assert.equal(charge.status, 'paid');
    assert.equal(charge.settled_msat, 21_000);
    return [began, `charge is ${charge.status}, ${charge.settled_msat} msat settled`];
  });

  const delivery = await step('Receive charge.paid at the webhook endpoint', async () => {
    const isIt = ({ body }) => JSON.parse(body).data?.payment_hash === offer.payment_hash;
    for (const give_up_at = Date.now() + step_ms_max; !deliveries.some(isIt); ) {
      if (Date.now() > give_up_at) throw new Error(`${deliveries.length} deliveries arrived, none of them for the charge`);
      await new Promise((resume) => setTimeout(resume, 10));
    }
    const came = deliveries.find(isIt);
    const event = JSON.parse(came.body);
    assert.equal(event.type, 'charge.paid');
    assert.equal(event.environment, 'test');
    return [came, `${short(event.id)}, number ${event.seq}, ${(came.at - paid_at).toFixed(0)} ms after the payment started`];
  });

  await step('Verify its signatures; one changed byte makes them invalid', async () => {
    const { headers, body } = delivery;
    verifyStandardWebhook(secret, headers, body);
    assert.ok(verifyHexSignature(secret, headers['x-signature'], body), 'X-Signature');
    assert.ok(verifyHexSignature(secret, headers['x-lntpay-signature'], body), 'x-lntpay-signature');
    assert.equal(headers['webhook-id'], JSON.parse(body).id);
    const changed = Buffer.from(body);
    changed[changed.length - 2] ^= 1;
    assert.throws(() => verifyStandardWebhook(secret, headers, changed));
    assert.ok(!verifyHexSignature(secret, headers['x-signature'], changed));
    return [null, 'webhook-signature (Standard Webhooks), X-Signature, x-lntpay-signature'];
  });
  return delivery;
}

/// The content, once.
async function fetchContent({ service_url }, offer) {
  await step('Request again: paid, so the content is served once', async () => {
    const served = await expect(200, 'GET', `${service_url}/premium?payment=${offer.payment_hash}`);
    await expect(402, 'GET', `${service_url}/premium?payment=${offer.payment_hash}`);
    return [null, `200 "${served.content}"`];
  });
}

/// A client that pays by itself needs no page and no webhook: the 402 has all of it.
async function payAsAgent({ api, sandbox_key, service_url }) {
  await step('A client that pays by itself: WWW-Authenticate, pay, repeat with the credential', async () => {
    const asked = await call('GET', `${service_url}/premium`);
    assert.equal(asked.status, 402);
    const lines = asked.headers.get('www-authenticate');
    const part = (name) => new RegExp(`${name}="([^"]+)"`).exec(lines)[1];
    const { preimage } = await expect(200, 'POST', `${api}/sandbox/wallet/pay`, { key: sandbox_key, body: { bolt11: part('invoice') } });
    const headers = { authorization: `L402 ${part('token')}:${preimage}` };
    const served = await expect(200, 'GET', `${service_url}/premium`, { headers });
    assert.notEqual((await call('GET', `${service_url}/premium`, { headers })).status, 200);
    return [null, `L402 ${part('token').slice(0, 22)}…:${preimage.slice(0, 8)}…`, `200 "${served.content}", once`];
  });
}

/// Where the money went: balance, entry, and proof.
async function checkLedger({ api, sandbox_key }, charge_id, before) {
  const balance = await step('The balance is credited', async () => {
    const now = await expect(200, 'GET', `${api}/balance`, { key: sandbox_key });
    assert.equal(now.available_msat - before.available_msat, 21_000);
    return [now, `available ${before.available_msat} -> ${now.available_msat} msat, locked ${now.locked_msat} msat`];
  });

  const entry = await step('The ledger has the entry', async () => {
    const { data } = await expect(200, 'GET', `${api}/ledger?limit=1`, { key: sandbox_key });
    assert.equal(data[0].reference, charge_id);
    assert.equal(data[0].type, 'charge.credit');
    assert.equal(data[0].available_change_msat, 21_000);
    assert.equal(data[0].seq, balance.as_of_seq);
    return [data[0], `entry ${data[0].seq}, ${data[0].type}, +${data[0].available_change_msat} msat`];
  });

  await step('Verify the ledger: every entry, every hash', async () => {
    const proof = await expect(200, 'GET', `${api}/ledger/verify`, { key: sandbox_key });
    assert.equal(proof.ok, true, proof.problem);
    return [null, `${proof.entries} of ${balance.as_of_seq} entries are correct`];
  });
  return { balance, entry };
}

async function run() {
  console.log('\nLNTPay demo: one API request, paid over Lightning\n');
  const demo = { ...await openSandbox(), deliveries: [] };
  const before = await expect(200, 'GET', `${demo.api}/balance`, { key: demo.sandbox_key });
  demo.key = await createKey(demo);
  demo.service_url = `http://127.0.0.1:${await freePort()}`;
  demo.gate = await createGate(demo);
  demo.secret = await registerWebhook(demo);
  await startService(demo);
  const offer = await requestContent(demo);
  await tryWithoutPaying(demo, offer);
  const delivery = await pay(demo, offer);
  await fetchContent(demo, offer);
  const { balance, entry } = await checkLedger(demo, JSON.parse(delivery.body).data.id, before);
  await payAsAgent(demo);
  rows.push(['charge', JSON.parse(delivery.body).data.id], ['paid', `${offer.amount_sats} sat`], ['event', delivery.headers['webhook-id']]);
  rows.push(['available', `${balance.available_msat} msat`], ['ledger entry', `${entry.id}`], ['its hash', short(entry.hash)]);
}

async function cleanUp() {
  while (cleanups.length > 0) await Promise.resolve(cleanups.pop()()).catch(() => {});
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => cleanUp().finally(() => process.exit(130)));
const began = performance.now();
try {
  await run();
  await cleanUp();
  console.log(`\n${rows.map(([name, value]) => `  ${name.padEnd(14)}${value}`).join('\n')}`);
  console.log(`\n${steps} of ${steps} steps succeeded, ${((performance.now() - began) / 1000).toFixed(1)} s\n`);
} catch (error) {
  const show = (title, lines) => {
    if (lines.length > 0) console.log(['', `  ${title}`, ...lines.map((line) => `    ${line.slice(0, 600)}`)].join('\n'));
  };
  show('error:', error.message.split('\n'));
  show('requests and responses:', error.exchanges ?? []);
  show("the host's last lines:", sandbox ? sandbox.log().trim().split('\n').slice(-8) : []);
  console.log(`\nStep ${steps} failed.\n`);
  await cleanUp();
  process.exitCode = 1;
}
