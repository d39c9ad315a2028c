// The parts of examples/pay-per-request: the service's webhook, the signatures, the invoice reader, and that the
// demo fails when a step fails.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { decodeBolt11 } from '../../examples/pay-per-request/bolt11.mjs';
import { freePort } from '../../host-adapters/js/programs.mjs';
import { createService } from '../../examples/pay-per-request/server.mjs';
import { verifyStandardWebhook } from '../../examples/pay-per-request/signatures.mjs';
import { root, startNodeHost, until } from './lib.mjs';

const vectors = process.env.LNTPAY_VECTORS ?? `${root}../shared/vectors`;
const load = (name) => readFile(`${vectors}/${name}`, 'utf8').then(JSON.parse, () => null);
const bolt11 = await load('bolt11_spec_vectors.json');
const webhooks = await load('standard-webhooks-vectors.json');

function program(name, env) {
  const child = spawn(process.execPath, [`${root}examples/pay-per-request/${name}`], { env: { PATH: process.env.PATH, ...env } });
  const ran = { child, said: '', code: once(child, 'close').then(([code]) => code) };
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (ran.said += text));
  return ran;
}

test('the invoice reader decodes the examples of BOLT11', { skip: !bolt11 && 'no vectors: set LNTPAY_VECTORS' }, () => {
  for (const { invoice, amount_msat, timestamp, payment_hash, payment_secret, description, expiry } of bolt11.valid) {
    const read = decodeBolt11(invoice.toLowerCase());
    assert.equal(read.payment_hash, payment_hash);
    assert.equal(read.amount_msat, amount_msat === null ? undefined : BigInt(amount_msat));
    assert.deepEqual([read.created_s, read.expiry_s, read.payment_secret], [timestamp, expiry, payment_secret]);
    assert.equal(read.description ?? null, description ?? null);
  }
});

test('the invoice reader rejects a changed character anywhere', async () => {
  const host = await startNodeHost();
  const { bolt11: invoice } = (await host.api('POST', '/v1/charges', { amount_sats: 21 })).json;
  host.close();
  assert.equal(decodeBolt11(invoice).network, 'bcrt');
  for (let i = 8; i < invoice.length; ++i) {
    const changed = invoice.slice(0, i) + (invoice[i] === 'q' ? 'p' : 'q') + invoice.slice(i + 1);
    assert.throws(() => decodeBolt11(changed), `character ${i}`);
  }
});

test('the signature check agrees with Standard Webhooks', { skip: !webhooks && 'no vectors: set LNTPAY_VECTORS' }, () => {
  for (const { name, secret, headers, body, body_hex, now, valid } of webhooks.verify) {
    const bytes = body_hex === undefined ? Buffer.from(body ?? '') : Buffer.from(body_hex, 'hex');
    const verify = () => verifyStandardWebhook(secret, headers, bytes, now);
    if (valid) assert.doesNotThrow(verify, name);
    else assert.throws(verify, name);
  }
});

test('the service unlocks only its own charge, on a signed charge.paid', async (t) => {
  const api = await startNodeHost();
  const baseUrl = `${await api.listen()}/v1`;
  const service = createService({ apiKey: api.keys.test, webhookSecret: 'whsec_dGVzdA==', baseUrl }).listen(0, '127.0.0.1');
  t.after(() => (api.close(), service.close().closeAllConnections()));
  await once(service, 'listening');
  const url = `http://127.0.0.1:${service.address().port}`;
  const { payment_hash } = await (await fetch(`${url}/premium`)).json();
  const hook = async (event, signature) => {
    const body = typeof event === 'string' ? event : JSON.stringify(event);
    const right = createHmac('sha256', 'whsec_dGVzdA==').update(body).digest('hex');
    const headers = signature === null ? {} : { 'x-lntpay-signature': signature ?? right };
    return (await fetch(`${url}/webhooks/lntpay`, { method: 'POST', body, headers })).status;
  };
  const premium = async () => (await fetch(`${url}/premium?payment=${payment_hash}`)).status;
  const paid = { type: 'charge.paid', data: { payment_hash } };

  assert.equal(await hook(paid, null), 400);
  assert.equal(await hook(paid, '0'.repeat(64)), 400);
  assert.equal(await hook(paid, 'short'), 400);
  assert.equal(await hook({ ...paid, type: 'charge.expired' }), 200);
  assert.equal(await hook({ ...paid, data: { payment_hash: 'of another service' } }), 200);
  assert.equal(await premium(), 402);
  assert.equal(await hook(paid), 200);
  assert.equal(await premium(), 200);
  assert.equal(await hook(paid), 200, 'a delivery may come twice');
  assert.equal(await premium(), 402, 'and is served once');
});

test('with a gate, a payment is served once, whether the webhook or a credential proves it', async (t) => {
  const api = await startNodeHost();
  const baseUrl = `${await api.listen()}/v1`;
  const gate = (await api.api('POST', '/v1/gates', { price_sats: 21, match: { method: 'GET', path: '/premium' } })).json.id;
  const webhookSecret = 'whsec_dGVzdA==';
  const service = createService({ apiKey: api.keys.test, webhookSecret, gate, baseUrl }).listen(0, '127.0.0.1');
  t.after(() => (api.close(), service.close().closeAllConnections()));
  await once(service, 'listening');
  const url = `http://127.0.0.1:${service.address().port}`;
  const buy = async () => {
    const asked = await fetch(`${url}/premium`);
    assert.equal(asked.status, 402);
    const part = (name) => new RegExp(`${name}="([^"]+)"`).exec(asked.headers.get('www-authenticate'))[1];
    const { payment_hash, bolt11, checkout_url } = await asked.json();
    assert.equal(part('invoice'), bolt11, 'one invoice');
    assert.match(checkout_url, /\/pay\/t/);
    const { preimage } = (await api.api('POST', '/v1/sandbox/wallet/pay', { bolt11 })).json;
    return { payment_hash, headers: { authorization: `L402 ${part('token')}:${preimage}` } };
  };
  const hook = async ({ payment_hash }) => {
    const body = JSON.stringify({ type: 'charge.paid', data: { payment_hash } });
    const headers = { 'x-lntpay-signature': createHmac('sha256', webhookSecret).update(body).digest('hex') };
    assert.equal((await fetch(`${url}/webhooks/lntpay`, { method: 'POST', body, headers })).status, 200);
  };
  const get = async (query, headers = {}) => (await fetch(`${url}/premium${query}`, { headers })).status;

  const one = await buy();
  assert.equal(await get('', one.headers), 200);
  await hook(one);
  assert.equal(await get(`?payment=${one.payment_hash}`), 402, 'served by its credential');
  const two = await buy();
  await hook(two);
  assert.equal(await get(`?payment=${two.payment_hash}`), 200);
  assert.equal(await get('', two.headers), 402, 'served by its webhook');
});

test('the service runs standalone, and reports missing settings', async (t) => {
  const bare = program('server.mjs', {});
  assert.equal(await bare.code, 2);
  assert.match(bare.said, /LNTPAY_API_KEY/);
  const port = await freePort();
  const service = program('server.mjs', { LNTPAY_API_KEY: 'x', LNTPAY_WEBHOOK_SECRET: 'y', PORT: port });
  t.after(() => service.child.kill());
  await until('it listens', () => service.said.includes('/premium'));
  assert.equal((await fetch(`http://127.0.0.1:${port}/webhooks/lntpay`, { method: 'POST', body: '{}' })).status, 400);
});

test('the demo fails when a step fails, and names the step', async (t) => {
  const host = await startNodeHost();
  const spoiled = await startNodeHost({ fetch: (url, init) => fetch(url, { ...init, body: `${init.body} ` }) });
  t.after(() => (host.close(), spoiled.close()));
  const wrong_key = program('demo.mjs', { LNTPAY_BASE_URL: `${await host.listen()}/v1`, LNTPAY_API_KEY: 'lnt_test_wrong' });
  assert.equal(await wrong_key.code, 1);
  assert.match(wrong_key.said, /Step 1 failed/);
  assert.match(wrong_key.said, /unauthenticated/);
  const wrong_body = program('demo.mjs', { LNTPAY_BASE_URL: `${await spoiled.listen()}/v1`, LNTPAY_API_KEY: spoiled.keys.test });
  assert.equal(await wrong_body.code, 1);
  assert.match(wrong_body.said, /✗ Verify its signatures/);
  const nobody = program('demo.mjs', { LNTPAY_BASE_URL: `http://127.0.0.1:${await freePort()}/v1`, LNTPAY_API_KEY: 'lnt_test_x' });
  assert.equal(await nobody.code, 1);
});
