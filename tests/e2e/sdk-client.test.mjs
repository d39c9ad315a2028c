// The TypeScript client against a running server: its resources, lists, waiting, errors, and webhooks as they were sent.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { root, startHost, until } from './lib.mjs';
import { listen, package_root, sdk } from './lib_sdk.mjs';

let host, lntpay, receiver, first, second;
const received = []; // {headers, body}
const phases = {}; // the webhook of each phase of a rotation of its secret

before(async () => {
  receiver = await listen(async (request, response) => {
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    received.push({ headers: request.headers, body: Buffer.concat(pieces) });
    response.end();
  });
  host = await startHost();
  lntpay = new sdk.LNTPay({ apiKey: host.env.LNTPAY_API_KEY, baseUrl: host.env.LNTPAY_BASE_URL });
});
after(async () => {
  await host?.stop();
  receiver?.close();
});

test('a charge is created, waited for, paid and listed', async () => {
  const charge = await lntpay.charges.create({ amount_sats: 21, description: 'one report', external_id: 'order-1', metadata: { table: 4 } });
  assert.deepEqual([charge.status, charge.amount_msat, charge.metadata], ['pending', 21_000, { table: 4 }]);
  const paid = lntpay.charges.wait(charge.id);
  await lntpay.sandbox.payCharge(charge.id);
  assert.equal((await paid).status, 'paid');
  assert.equal((await lntpay.charges.get(charge.id)).settled_msat, 21_000);
  assert.deepEqual((await lntpay.charges.list({ external_id: 'order-1' })).data.map(({ id }) => id), [charge.id]);
  const canceled = await lntpay.charges.create({ amount_sats: 1 });
  assert.equal((await lntpay.charges.cancel(canceled.id)).status, 'canceled');
});

test('a wait that has no end returns the charge as it is when its time has passed', async () => {
  const { id } = await lntpay.charges.create({ amount_sats: 5 });
  const began = Date.now();
  assert.equal((await lntpay.charges.wait(id, { timeoutMs: 1_200 })).status, 'pending');
  assert.ok(Date.now() - began >= 1_100 && Date.now() - began < 4_000);
});

test('a withdrawal is quoted, paid and waited for; a repeat under its key is the same one', async () => {
  await lntpay.sandbox.fund({ amount_sats: 10_000 });
  const { bolt11 } = await lntpay.sandbox.createInvoice({ amount_sats: 600, behavior: 'slow' });
  assert.equal((await lntpay.bolt11.decode(bolt11)).amount_msat, 600_000);
  const asked = { bolt11, max_fee_sats: 10 };
  assert.ok((await lntpay.withdrawals.quote(asked)).object);
  const created = await lntpay.withdrawals.create(asked, { idempotencyKey: 'payout-1' });
  assert.notEqual(created.status, 'succeeded');
  const again = lntpay.withdrawals.pay(asked, { idempotencyKey: 'payout-1' });
  await lntpay.sandbox.advanceClock(3_600_000);
  const ended = await again;
  assert.deepEqual([ended.id, ended.status], [created.id, 'succeeded']);
  assert.equal((await lntpay.withdrawals.list().toArray()).length, 1);
  const failing = await lntpay.sandbox.createInvoice({ amount_sats: 600, behavior: 'fail' });
  assert.equal((await lntpay.withdrawals.pay({ bolt11: failing.bolt11, max_fee_sats: 10 })).status, 'failed');
});

test('a list is one page where it is awaited, and all items where it is iterated', async () => {
  for (let i = 0; i < 7; i += 1) await lntpay.charges.create({ amount_sats: 100 + i, external_id: 'listed' });
  const asked = { external_id: 'listed', limit: 3, order: 'asc' };
  const page = await lntpay.charges.list(asked);
  assert.deepEqual([page.data.length, page.has_more], [3, true]);
  const amounts = [];
  for await (const { amount_sats } of lntpay.charges.list(asked)) amounts.push(amount_sats);
  assert.deepEqual(amounts, [100, 101, 102, 103, 104, 105, 106]);
  const sizes = [];
  for await (const { data } of lntpay.charges.list(asked).pages()) sizes.push(data.length);
  assert.deepEqual(sizes, [3, 3, 1]);
  assert.equal((await lntpay.charges.list(asked).toArray(4)).length, 4);
  const seqs = (await lntpay.events.list({ limit: 2 }).toArray()).map(({ seq }) => seq);
  assert.ok(seqs.length > 10);
  assert.deepEqual(seqs, seqs.map((_, i) => i + 1));
  const newest = (await lntpay.events.list({ limit: 2, order: 'desc' }).toArray()).map(({ seq }) => seq);
  assert.deepEqual(newest, [...seqs].reverse());
});

test('follow returns what happened, and then what happens', async () => {
  const stop = new AbortController();
  const { data: [{ seq }] } = await lntpay.events.list({ order: 'desc', limit: 1 });
  await lntpay.charges.create({ amount_sats: 31 });
  const seen = [];
  for await (const { type, data } of lntpay.events.follow({ after_seq: seq }, { signal: stop.signal })) {
    seen.push(`${type} ${data.amount_sats}`);
    if (seen.length === 1) setTimeout(() => lntpay.charges.create({ amount_sats: 32 }), 100);
    else break;
  }
  assert.deepEqual(seen, ['charge.created 31', 'charge.created 32']);
});

test('a stream of another type ends where the events end, and continues', async () => {
  const stop = new AbortController();
  const { data: [{ seq }] } = await lntpay.events.list({ order: 'desc', limit: 1 });
  await lntpay.charges.create({ amount_sats: 33 });
  setTimeout(() => lntpay.sandbox.fund({ amount_sats: 34 }), 100);
  for await (const { type, data } of lntpay.events.follow({ after_seq: seq, types: ['charge.paid'] }, { signal: stop.signal })) {
    assert.deepEqual([type, data.amount_sats], ['charge.paid', 34]);
    break;
  }
});

test('the refusals of the API are errors of their classes', async () => {
  await assert.rejects(lntpay.charges.get('ch_none'), { name: 'NotFoundError', status: 404, code: 'not_found' });
  const negative = lntpay.charges.create({ amount_sats: -1 });
  await assert.rejects(negative, { name: 'InvalidRequestError', code: 'invalid_request', param: 'amount_sats' });
  const { bolt11 } = await lntpay.sandbox.createInvoice({ amount_sats: 1_000_000, behavior: 'succeed' });
  const poor = await lntpay.withdrawals.create({ bolt11, max_fee_sats: 2_000 }).then(assert.fail, (reason) => reason);
  assert.ok(poor instanceof sdk.InsufficientFundsError && poor instanceof sdk.UnprocessableError && poor instanceof sdk.APIError);
  assert.deepEqual([poor.outcomeUnknown, poor.requestId.slice(0, 4)], [false, 'req_']);
  const { key } = await lntpay.apiKeys.create({ scopes: ['charges:read'] });
  const reader = new sdk.LNTPay({ apiKey: key, baseUrl: host.url });
  await assert.rejects(reader.charges.create({ amount_sats: 1 }), { name: 'PermissionError', code: 'insufficient_scopes' });
  const stranger = new sdk.LNTPay({ apiKey: 'lnt_test_wrong', baseUrl: host.url });
  await assert.rejects(stranger.balance.get(), { name: 'AuthenticationError' });
  await lntpay.charges.create({ amount_sats: 1 }, { idempotencyKey: 'used' });
  await assert.rejects(lntpay.charges.create({ amount_sats: 2 }, { idempotencyKey: 'used' }), { name: 'UnprocessableError', code: 'idempotency_key_reused' });
});

test('money, ledger, keys, workspace, gates and the sandbox answer under their names', async () => {
  assert.equal((await lntpay.balance.get()).locked_msat, 0);
  assert.ok((await lntpay.ledger.list({ limit: 5 })).data.length > 0);
  assert.equal((await lntpay.ledger.verify()).object.length > 0, true);
  assert.match(await lntpay.ledger.export({ format: 'csv' }), /^[a-z_]+,/);
  assert.ok((await lntpay.ledger.reconcile()).object);
  assert.equal((await lntpay.workspace.update({ display_name: 'Reports' })).display_name, 'Reports');
  const acts = await lntpay.workspace.auditTrail().toArray();
  assert.ok(acts.some(({ action }) => action === 'workspace.change'));
  const link = await lntpay.payLinks.create({ name: 'sdk-tips', max_sats: 500 });
  assert.equal((await lntpay.payLinks.update(link.id, { comment_length_max: 0 })).comment_length_max, 0);
  assert.deepEqual((await lntpay.payLinks.list().toArray()).map(({ id }) => id), [link.id]);
  assert.equal((await lntpay.payLinks.get(link.id)).lnurl, link.lnurl);
  assert.equal((await lntpay.payLinks.delete(link.id)).id, link.id);
  const { id } = await lntpay.gates.create({ price_sats: 21, match: { method: 'GET', path: '/a' } });
  assert.equal((await lntpay.gates.update(id, { price_sats: 22 })).price_sats, 22);
  assert.ok((await lntpay.gates.challenge(id, { method: 'GET', path: '/a' })).bolt11);
  assert.equal((await lntpay.gates.verify(id, { method: 'GET', path: '/a' })).allowed, false);
  assert.equal((await lntpay.gates.delete(id)).id, id);
  const key = await lntpay.apiKeys.create({ scopes: ['charges:read'] });
  assert.notEqual((await lntpay.apiKeys.roll(key.id)).key, key.key);
  await lntpay.apiKeys.delete(key.id);
  assert.ok((await lntpay.events.types()).data.some(({ name }) => name === 'charge.paid'));
  assert.deepEqual((await lntpay.sandbox.setFaults(['node_down'])).faults, ['node_down']);
  await lntpay.sandbox.setFaults([]);
  assert.ok((await lntpay.routes.get('/v1/api_keys/current')).scopes.length > 5);
});

test('webhooks are verified before, during and after a rotation of their secret', async () => {
  const endpoint = await lntpay.webhookEndpoints.create({ url: `${receiver.url}/hook` });
  first = endpoint.secret;
  const webhook = async () => {
    const { id } = await lntpay.sandbox.fund({ amount_sats: 21, description: 'café ☕ "quoted" \\' });
    return until('the webhook', () => received.find(({ body }) => body.includes('"charge.paid"') && body.includes(id)));
  };
  phases.before = await webhook();
  second = (await lntpay.webhookEndpoints.rotateSecret(endpoint.id, { overlap_seconds: 3_600 })).secret;
  phases.overlap = await webhook();
  const { secrets } = await lntpay.webhookEndpoints.activateSecret(endpoint.id);
  phases.activated = await webhook();
  await lntpay.webhookEndpoints.retireSecret(endpoint.id, secrets.find(({ active }) => !active).id);
  phases.retired = await webhook();

  const accepts = (secret, { headers, body }, options) => sdk.verifyWebhook(secret, headers, body, options).then(() => true, (reason) => {
    assert.equal(reason.name, 'WebhookVerificationError');
    return false;
  });
  const rules = { before: [true, false], overlap: [true, true], activated: [true, true], retired: [false, true] };
  const hex_rules = { before: [true, false], overlap: [true, false], activated: [false, true], retired: [false, true] };
  for (const [phase, sent] of Object.entries(phases)) {
    assert.deepEqual([await accepts(first, sent), await accepts(second, sent)], rules[phase], phase);
    const hex = { scheme: 'hex' };
    assert.deepEqual([await accepts(first, sent, hex), await accepts(second, sent, hex)], hex_rules[phase], `${phase}, hex`);
    assert.ok((await accepts([first, second], sent)) && (await accepts([second, first], sent, hex)), phase);
    const event = await sdk.verifyWebhook([first, second], new Headers(Object.entries(sent.headers).map(([name, value]) => [name, String(value)])), sent.body.toString());
    assert.deepEqual([event.type, event.data.amount_sats, event.id], ['charge.paid', 21, sent.headers['webhook-id']]);
    const client = new sdk.LNTPay({ apiKey: host.env.LNTPAY_API_KEY, baseUrl: host.url, webhookSecret: [first, second] });
    assert.equal((await client.webhooks.verify(sent.headers, new Uint8Array(sent.body).buffer)).id, event.id);
  }
});

test('a forged, stale or malformed webhook is refused', async () => {
  const { headers, body } = phases.before;
  const refused = (change, problem = /No signature matches/, options) =>
    assert.rejects(sdk.verifyWebhook(first, { ...headers, ...change.headers }, change.body ?? body, options), { name: 'WebhookVerificationError', message: problem });
  await refused({ body: body.toString().replace('"amount_sats":21', '"amount_sats":22') });
  await refused({ body: `${body} ` });
  await refused({ headers: { 'webhook-id': 'evt_other' } });
  await refused({ headers: { 'webhook-timestamp': String(Number(headers['webhook-timestamp']) + 1) } });
  await refused({ headers: { 'webhook-signature': 'v1,' } });
  await refused({ headers: { 'webhook-signature': 'v1,%%%' } });
  await refused({ headers: { 'webhook-signature': headers['webhook-signature'].replace('v1,', 'v2,') } });
  await refused({ headers: { 'webhook-signature': undefined } }, /is missing/);
  await refused({ headers: { 'webhook-timestamp': '1e9' } }, /not a number/);
  await refused({}, /seconds away/, { now: new Date(Date.now() + 301_000 + 1_000) });
  await refused({}, /seconds away/, { now: new Date(Date.now() - 302_000) });
  await refused({ headers: { 'x-lntpay-signature': undefined, 'x-signature': undefined } }, /are missing/, { scheme: 'hex' });
  await refused({ headers: { 'x-lntpay-signature': '0'.repeat(64) } }, /No signature/, { scheme: 'hex' });
  await refused({ headers: { 'x-lntpay-signature': 'zz' } }, /64 hex/, { scheme: 'hex' });
  assert.ok(await sdk.verifyWebhook(first, { 'X-Signature': headers['x-signature'] }, body, { scheme: 'hex' }), 'either of the two names');
  await assert.rejects(sdk.verifyWebhook(first, headers, JSON.parse(body)), TypeError);
  for (const secret of ['', [], 'whsec_', [first, ''], 'secret']) await assert.rejects(sdk.verifyWebhook(secret, headers, body), TypeError);
});

test('a signature of a text that is no event of this delivery is refused', async () => {
  const sign = (id, body) => {
    const timestamp = String(Math.floor(Date.now() / 1_000));
    const mac = createHmac('sha256', Buffer.from(first.slice(6), 'base64')).update(`${id}.${timestamp}.${body}`).digest('base64');
    return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${mac}` };
  };
  const event = '{"id":"evt_1","object":"event","type":"charge.paid","data":{}}';
  assert.equal((await sdk.verifyWebhook(first, sign('evt_1', event), event)).type, 'charge.paid');
  for (const [id, body] of [['evt_2', event], ['evt_1', '[]'], ['evt_1', 'null'], ['evt_1', '{"id":"evt_1"}'], ['evt_1', 'no JSON']]) {
    await assert.rejects(sdk.verifyWebhook(first, sign(id, body), body), { name: 'WebhookVerificationError', message: /no event/ });
  }
});

test('the settings of the environment are the defaults of a client', async () => {
  const { LNTPAY_API_KEY, LNTPAY_BASE_URL } = host.env;
  Object.assign(process.env, { LNTPAY_API_KEY, LNTPAY_BASE_URL, LNTPAY_WEBHOOK_SECRET: second });
  try {
    const client = new sdk.LNTPay();
    assert.equal((await client.workspace.get()).object, 'workspace');
    assert.equal((await client.webhooks.verify(phases.retired.headers, phases.retired.body)).type, 'charge.paid');
  } finally {
    for (const name of ['LNTPAY_API_KEY', 'LNTPAY_BASE_URL', 'LNTPAY_WEBHOOK_SECRET']) delete process.env[name];
  }
});

/// The patterns of the client's methods, from its sources.
function usedPatterns() {
  const text = ['resources', 'management'].map((file) => readFileSync(`${package_root}/src/${file}.ts`, 'utf8')).join('');
  const calls = text.matchAll(/at\.(get|post|patch|delete|list)\(\s*.(\/v1\/[\w{}/]+)/g);
  return [...calls].map(([, method, path]) => `${method.replace('list', 'get')} ${path}`);
}

test('every route that a key may use has a method of the client, or a reason not to', () => {
  const { paths } = JSON.parse(readFileSync(`${root}build/resources/openapi.json`, 'utf8'));
  const routes = Object.entries(paths).flatMap(([path, item]) => Object.keys(item).map((method) => `${method} ${path}`));
  const used = new Set([...usedPatterns(), 'get /v1/ledger/export', 'get /v1/events/stream']);
  const by_pattern = /\/v1\/admin\/|webhook_secret|\/v1\/event_types\/\{/;  // the operator's; rare ones, by lntpay.routes
  const missing = routes.filter((route) => route.includes('/v1/') && /^(get|post|patch|delete) /.test(route) && !used.has(route) && !by_pattern.test(route));
  assert.deepEqual(missing, []);
  assert.deepEqual([...used].filter((route) => !routes.includes(route)), []);
});
