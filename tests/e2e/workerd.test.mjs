// host-adapters/cloudflare on the real workerd.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { assertError, assertRefusals, assertStaticFiles, playQuickstart, until } from './lib.mjs';
import { startWorkerd } from './lib_workerd.mjs';

let host;
before(async () => (host = await startWorkerd()));
after(() => host?.stop());

const balance = async () => (await host.api('GET', '/v1/balance')).json.available_msat / 1_000;
const charge = async (body = { amount_sats: 1 }) => {
  const made = await host.api('POST', '/v1/charges', body);
  assert.equal(made.status, 201, made.text);
  return made.json;
};
const pay = ({ id }, body = {}) => host.api('POST', `/v1/sandbox/charges/${id}/pay`, body);
const credited = async (charge) => (await host.api('GET', `/v1/charges/${charge.id}`)).json.status === 'paid';

test('the quickstart: sixteen steps, webhooks included', () => playQuickstart(host.url, host.keys.test));

test('refusals are those of every host', () => assertRefusals(host.api));

test('the document and the reference are static assets', () => assertStaticFiles((path, init) => fetch(host.url + path, init)));

test('a later payment is credited by an alarm', async () => {
  const made = await charge();
  assert.equal((await pay(made, { delay_ms: 300 })).json.status, 'pending');
  await until('the credit', () => credited(made));
});

test('a long poll is resumed by the payment', async () => {
  const made = await charge();
  const polls = [1, 2, 3].map(() => host.api('GET', `/v1/charges/${made.id}?wait=20`));
  await new Promise((resolve) => setTimeout(resolve, 300));
  const began = Date.now();
  await pay(made);
  for (const poll of await Promise.all(polls)) assert.equal(poll.json.status, 'paid');
  assert.ok(Date.now() - began < 10_000);
});

test('many at once: each charge and credit once, and the ledger verifies', async () => {
  const before = await balance();
  const made = await Promise.all(Array.from({ length: 40 }, () => charge()));
  const paid = await Promise.all([...made, ...made].map((each) => pay(each)));
  assert.ok(paid.every(({ status }) => status === 200 || status === 409), paid.map(({ text }) => text).join('\n'));
  assert.equal(await balance(), before + 40);
  assert.equal((await host.api('GET', '/v1/ledger/verify')).json.ok, true);
});

test('one Idempotency-Key sent twenty times at once makes one charge', async () => {
  const headers = { 'idempotency-key': 'one-of-twenty' };
  const answers = await Promise.all(Array.from({ length: 20 }, () => host.api('POST', '/v1/charges', { amount_sats: 3 }, { headers })));
  const ids = new Set(answers.filter(({ status }) => status === 201).map(({ json }) => json.id));
  assert.equal(ids.size, 1);
  for (const { status, text } of answers) assert.ok(status === 201 || status === 409, text);
});

test('withdrawals are paid from the balance; two for one invoice are one', async () => {
  await host.api('POST', '/v1/sandbox/fund', { amount_sats: 1_000 });
  const { json } = await host.api('POST', '/v1/sandbox/invoices', { amount_sats: 100 });
  const send = (key) => host.api('POST', '/v1/withdrawals', { bolt11: json.bolt11 }, { headers: { 'idempotency-key': key } });
  const two = await Promise.all([send('w1'), send('w2')]);
  const made = two.find(({ status }) => status === 201 || status === 202);
  assert.ok(made, two.map(({ text }) => text).join('\n'));
  await until('success', async () => (await host.api('GET', `/v1/withdrawals/${made.json.id}`)).json.status === 'succeeded');
  const { data } = (await host.api('GET', '/v1/ledger?limit=100')).json;
  assert.equal(data.filter(({ type }) => type === 'withdrawal.settle').length, 1);
});

test('a withdrawal that the sandbox\'s node rejects fails at once and is refunded', async () => {
  const before = await balance();
  const { json } = await host.api('POST', '/v1/sandbox/invoices', { amount_sats: 100, behavior: 'fail' });
  const { json: made } = await host.api('POST', '/v1/withdrawals', { bolt11: json.bolt11 }, { headers: { 'idempotency-key': 'f1' } });
  await until('failed', async () => (await host.api('GET', `/v1/withdrawals/${made.id}`)).json.status === 'failed');
  assert.equal(await balance(), before);
});

test('rows and alarms survive a restart', async () => {
  const before = await balance();
  const [now, later] = [await charge(), await charge()];
  await pay(now);
  await pay(later, { delay_ms: 1_500 });
  await host.restart();
  assert.equal(await balance(), before + 1);
  await until('the credit of what was paid meanwhile', () => credited(later));
  assert.equal((await host.api('GET', '/v1/ledger/verify')).json.ok, true);
});

test('a kill during writes loses nothing acknowledged', async () => {
  const made = await Promise.all(Array.from({ length: 30 }, () => charge()));
  const before = await balance();
  const answered = [];
  const paying = made.map(async (each) => {
    const paid = await pay(each).catch(() => undefined);
    if (paid?.status === 200) answered.push(each);
  });
  await until('some were answered', () => answered.length >= 5);
  await host.restart();
  await Promise.all(paying);
  for (const each of answered) assert.ok(await credited(each));
  const paid = (await Promise.all(made.map(credited))).filter(Boolean).length;
  assert.equal(await balance(), before + paid);
  assert.equal((await host.api('GET', '/v1/ledger/verify')).json.ok, true);
});

test('after a restart a write keeps the earlier alarm', async () => {
  const made = await charge();
  await pay(made, { delay_ms: 2_500 });
  await host.restart();
  await charge();
  await until('the credit', () => credited(made), 8_000);
});

test('an alarm whose handler throws is set again', async () => {
  const made = await charge();
  await host.turn('alarms', 'throw');
  await pay(made, { delay_ms: 100 });
  await until('an alarm was lost', async () => (await host.turn('lost')).lost > 0);
  await host.turn('alarms', 'ring');
  await until('the credit', () => credited(made), 30_000);
});

test('an alarm that the platform dropped is set again when its object starts', async () => {
  const made = await charge();
  const { lost } = await host.turn('lost');
  await host.turn('alarms', 'lose');
  await pay(made, { delay_ms: 100 });
  await until('it was given up', async () => (await host.turn('lost')).lost > Number(lost));
  assert.equal(await credited(made), false);
  await host.restart();  // which resets the switches
  await until('the credit', () => credited(made));
});

test('a trap while a shard is woken only delays it', async () => {
  const made = await charge();
  await host.turn('trap', 'wake');
  await pay(made, { delay_ms: 100 });
  await until('a trap', async () => (await host.turn('trapped')).trapped > 0);
  await host.turn('trap', 'none');
  await until('the credit', () => credited(made), 20_000);
});

test('a task that traps leaves an alarm', async () => {
  const made = await charge();
  const { trapped } = await host.turn('trapped');
  await host.turn('trap', 'task');
  await pay(made, { delay_ms: 100 });
  await until('a trap', async () => (await host.turn('trapped')).trapped > trapped);
  await host.turn('trap', 'none');
  const shard = host.workspace.slice(3, 5);
  await until('an alarm', async () => (await host.turn(`alarm/${shard}`)) !== null);
  assert.ok((await host.turn(`alarm/${shard}`)) < Date.now() + 16_000);
});

test('a store that is down is 503; nothing is lost when it is back', async () => {
  const made = await charge();
  await host.turn('store', 'down');
  for (const answer of [await pay(made), await host.api('GET', '/v1/balance')]) assertError(answer, 503, 'storage_unavailable');
  await host.turn('store', 'up');
  assert.equal((await pay(made)).json.status, 'paid');
});

test('a full store: writes are 503, reads work, and nothing is lost', async () => {
  const made = await charge();
  const before = await balance();
  await host.turn('store', 'full');
  assertError(await pay(made), 503, 'storage_unavailable');
  assert.equal((await host.api('GET', `/v1/charges/${made.id}`)).json.status, 'pending');
  await host.turn('store', 'up');
  assert.equal((await pay(made)).json.status, 'paid');
  assert.equal(await balance(), before + 1);
});

test('a trap: a clear error, the next request works, nothing is lost', async () => {
  const made = await charge();
  const lost = await host.api('GET', '/v1/charges?limit=77', undefined, { headers: { 'x-test-trap': '1' } });
  assertError(lost, 500, 'internal_error');
  assert.equal((await pay(made)).json.status, 'paid');
});

/** A gate in front of a handler in the same Worker, and a wallet that pays. */
async function gateFor(body) {
  const { json } = await host.api('POST', '/v1/gates', { price_sats: 5, match: { method: '*', path: '/reports/*' }, ...body });
  const visit = (init = {}) => fetch(`${host.url}/reports/7?x=1`, { ...init, headers: { 'x-test-gate': json.id, ...init.headers } });
  const buy = async (method = 'GET') => {
    const offer = (await visit({ method })).headers.get('www-authenticate');
    const [, token] = /token="([^"]+)"/.exec(offer), [, bolt11] = /invoice="([^"]+)"/.exec(offer);
    const { json: paid } = await host.api('POST', '/v1/sandbox/wallet/pay', { bolt11 });
    return { authorization: `L402 ${token}:${paid.preimage}` };
  };
  return { id: json.id, visit, buy };
}

test('gate(request, env): 402, paid, served once, with its redemption id', async () => {
  const { visit, buy } = await gateFor();
  const unpaid = await visit();
  assert.equal(unpaid.status, 402);
  assert.match(unpaid.headers.get('www-authenticate'), /^L402 .*, Payment /);
  const headers = await buy('POST');
  const served = await visit({ method: 'POST', body: 'a question', headers: { ...headers, 'lntpay-redemption-id': 'mine' } });
  const { headers: received, body } = await served.json();
  assert.equal(served.status, 200);
  assert.equal(body, 'a question');
  assert.match(received['lntpay-redemption-id'], /^rdm_/);
  assert.equal(received.authorization, undefined);
  assert.ok(served.headers.get('payment-receipt'));
  assert.equal((await visit({ method: 'POST', headers })).status, 402);
});

test('gate(request, env): of 64 at once with one credential one wins', async () => {
  const { visit, buy } = await gateFor();
  const headers = await buy();
  const before = (await host.turn('served')).served;
  const statuses = (await Promise.all(Array.from({ length: 64 }, () => visit({ headers })))).map(({ status }) => status);
  assert.equal(statuses.filter((status) => status === 200).length, 1);
  assert.ok(statuses.every((status) => [200, 402, 409].includes(status)), statuses.join());
  assert.equal((await host.turn('served')).served, before + 1);
});

test('gate(request, env): a failed service releases the use', async () => {
  const { visit, buy } = await gateFor();
  const headers = await buy();
  for (const how of ['throw', '500', '404']) {
    await host.turn('serve', how);
    assert.equal((await visit({ headers })).status, how === 'throw' ? 502 : Number(how));
  }
  await host.turn('serve', '200');
  assert.equal((await visit({ headers })).status, 200);
  assert.equal((await visit({ headers })).status, 402);
});

test('gate(request, env): after a restart during the service one use counts', async () => {
  const { visit, buy } = await gateFor();
  const headers = await buy();
  await host.turn('serve', 'crash');
  assert.equal((await visit({ headers })).status, 200);
  await host.turn('serve', '200');
  assert.equal((await visit({ headers })).status, 402);
});

test('gate(request, env): no connection is upgraded', async () => {
  const { id, buy } = await gateFor();
  const upgrade = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==', 'sec-websocket-version': '13' };
  const headers = { ...(await buy()), 'x-test-gate': id, ...upgrade };
  const [answer] = await once(request(`${host.url}/reports/7`, { headers }).end(), 'response');
  assert.equal(answer.statusCode, 501);
  answer.resume();
});

test('gate(request, env): a client names no redemption or gate; its credential stays', async () => {
  const { visit, buy } = await gateFor();
  const headers = await buy();
  const mine = { lntpay_redemption_id: 'mine', 'lntpay-gate': 'gate_other', cookie: 'a=1; lntpay_gate_x=2', ...headers };
  const served = await visit({ headers: mine });
  assert.equal(served.status, 200);
  assert.equal(served.headers.get('cache-control'), 'private');
  const { headers: received } = await served.json();
  assert.equal(received.lntpay_redemption_id, undefined);
  assert.equal(received['lntpay-gate'], undefined);
  assert.equal(received.cookie, 'a=1');
});

test('gate(request, env): a timed pass is admitted repeatedly', async () => {
  const { visit, buy } = await gateFor({ mode: 'pass', ttl_seconds: 600 });
  const headers = await buy();
  for (let i = 0; i < 3; ++i) assert.equal((await visit({ headers })).status, 200);
});

test('a misconfigured Worker names the missing or invalid setting', async () => {
  for (const [bindings, sentence] of [
    [{ LNTPAY_SECRETS: '' }, /LNTPAY_SECRETS is missing: run node ..\/js\/new-secrets\.mjs/],
    [{ LNTPAY_SECRETS: '{' }, /LNTPAY_SECRETS is not JSON/],
    [{ LNTPAY_BASE_URL: 'https://pay.example.com/' }, /base_url must not end with a slash/],
    [{ LNTPAY_RATE_LIMIT: 'abc' }, /LNTPAY_RATE_LIMIT/],
  ]) {
    const bare = await startWorkerd({ bindings, bootstrap: false });
    try {
      const answer = await fetch(`${bare.url}/v1/balance`);
      assert.equal(answer.status, 500);
      assert.match(await answer.text(), sentence);
    } finally {
      await bare.stop();
    }
  }
});
