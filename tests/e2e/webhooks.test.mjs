// Webhooks of the real server: a response that hangs, kills during an attempt, recovery, secrets, and the lists of deliveries and events.
// `make bench webhooks` measures how fast they are; webhook-receivers.test.mjs has receivers that attack it.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertError, until } from './lib.mjs';
import { scratchFolder } from './lib_process.mjs';
import { deliveriesOf, startReceiver, startShops, succeededOf } from './lib_webhooks.mjs';

/// Far below the 15 s of an attempt and the 20 s of its lease: a delivery that waits for either takes longer.
const prompt_ms = 1_000;
const attempt_ms = 15_000;
const lease_ms = 20_000;

let host;
before(async () => (host = await startShops()));
after(() => host?.stop());

const idsOf = (items) => items.map(({ id }) => id);

/// Milliseconds from the payment's response until its first webhook.
async function paidUntilReceived(shop, receiver, charge) {
  await shop.pay(charge);
  const paid_at = performance.now();
  await until('the webhook', () => receiver.of(charge).length > 0, attempt_ms);
  return receiver.of(charge)[0].at - paid_at;
}

test('a response that hangs delays no other delivery of its endpoint', async (t) => {
  const shop = await host.shop();
  let hanging;
  const receiver = await startReceiver(t, { hangs: ({ event }) => event.data.id === hanging.id });
  const endpoint = await shop.endpoint(receiver.url, 'charge.paid');
  const charges = await Promise.all(Array.from({ length: 20 }, () => shop.charge()));
  [hanging] = charges;
  for (const charge of charges) {
    const ms = await paidUntilReceived(shop, receiver, charge);
    assert.ok(ms < prompt_ms, `a webhook took ${ms} ms`);
  }
  await until('all others have succeeded', async () => (await succeededOf(shop, endpoint)).length === 19, prompt_ms);
  receiver.release();
  await until('the last one succeeds', async () => (await succeededOf(shop, endpoint)).length === 20);
  assert.equal(receiver.received.length, 20);
});

test('after a kill during an attempt a new event arrives within a second', async (t) => {
  const data = scratchFolder();
  let hanging;
  const receiver = await startReceiver(t, { hangs: ({ event }) => event.data.id === hanging?.id });
  const killed = await startShops({ data });
  const charges = [];
  for (let i = 0; i < 5; ++i) charges.push(await killed.own.charge());
  const endpoint = await killed.own.endpoint(receiver.url, 'charge.paid');
  const [unanswered, fresh] = charges.slice(3);
  for (const charge of charges.slice(0, 3)) await paidUntilReceived(killed.own, receiver, charge);
  const succeeded = async (host, count) => (await succeededOf(host.own, endpoint)).length === count;
  await until('three are recorded', () => succeeded(killed, 3));
  hanging = unanswered;
  await paidUntilReceived(killed.own, receiver, unanswered);
  await killed.stop('SIGKILL');
  receiver.release();

  const restarted = await startShops({ data });
  t.after(() => restarted.stop());
  const ms = await paidUntilReceived(restarted.own, receiver, fresh);
  assert.ok(ms < prompt_ms, `the new event took ${ms} ms`);
  await until('the unanswered delivery is retried', () => receiver.of(unanswered).length === 2, lease_ms + 5_000);
  const [first, second] = receiver.of(unanswered);
  assert.equal(second.headers['webhook-id'], first.headers['webhook-id']);
  assert.equal(second.body, first.body);
  await until('all are recorded', () => succeeded(restarted, 5));
  for (const charge of charges) assert.equal(receiver.of(charge).length, charge === unanswered ? 2 : 1);
});

// --- Metrics ------------------------------------------------------------------------------------------------------------

test('/metrics shows attempts by outcome, endpoints and queued deliveries', async (t) => {
  const host = await startShops();
  t.after(() => host.stop());
  const shop = await host.shop();
  /// NaN while the metric is absent.
  const metric = async (name) => {
    const { text } = await host.api('GET', '/metrics');
    const line = text.split('\n').find((each) => each.startsWith(`${name} `));
    return Number(line?.split(' ')[1]);
  };
  const attempts = (outcome) => metric(`lntpay_webhook_attempts_total{outcome="${outcome}"}`);
  const statuses = { ok: 200, busy: 503, gone: 410 };
  const receiver = await startReceiver(t, { answer: ({ path }) => statuses[path.slice(1)] });
  for (const path of Object.keys(statuses)) await shop.endpoint(`${receiver.url}/${path}`, 'charge.created');
  await shop.charge();
  await until('every attempt is counted', async () => {
    const counts = await Promise.all(['succeeded', 'gone', 'failed'].map(attempts));
    return counts.every((count) => count > 0);
  });
  assert.equal(await attempts('succeeded'), 1);
  assert.equal(await attempts('gone'), 1);
  assert.equal(await attempts('not_tried'), 0);
  const counted_ms = 20_000;  // a pass begins every 15 s
  const equals = (name, value) =>
    until(`${name} is ${value}`, async () => (await sleep(100), await metric(name) === value), counted_ms);
  await equals('lntpay_webhook_endpoints{status="disabled"}', 1);
  await equals('lntpay_webhook_endpoints{status="enabled"}', 2);
  await equals('lntpay_webhook_deliveries_queued{attempt="first"}', 0);
  assert.ok(await metric('lntpay_webhook_deliveries_queued{attempt="retry"}') <= 1);
  await equals('lntpay_due_tasks{kind="webhook",state="waiting"}', 0);
  await equals('lntpay_due_oldest_seconds{kind="webhook"}', 0);
  await equals('lntpay_webhook_oldest_due_seconds{attempt="first"}', 0);
});

// --- Recovery -----------------------------------------------------------------------------------------------------------

/// Starts a recovery, and yields it when it has ended.
async function recover(shop, { id }, body) {
  const started = await shop('POST', `/v1/webhook_endpoints/${id}/recover`, body, 202);
  assert.equal(started.object, 'webhook_recovery');
  assert.equal(started.endpoint_id, id);
  let former = started;
  return until('the recovery has ended', async () => {
    const progress = await shop('GET', `/v1/webhook_endpoints/${id}/recovery`);
    assert.ok(progress.examined >= former.examined && progress.queued >= former.queued, 'progress');
    former = progress;
    return progress.status === 'done' && progress;
  });
}

test('a new endpoint recovers the events before it, after a dry run', async (t) => {
  const shop = await host.shop();
  const receiver = await startReceiver(t);
  const since = new Date(Date.now() - 60_000).toISOString();
  const charges = [];
  for (let i = 0; i < 120; ++i) charges.push(await shop.charge());
  for (const charge of charges.slice(0, 5)) await shop.pay(charge);
  const endpoint = await shop.endpoint(receiver.url);
  const dry = await recover(shop, endpoint, { since, dry_run: true });
  assert.deepEqual([dry.dry_run, dry.queued], [true, 125]);
  assert.equal((await deliveriesOf(shop, endpoint)).length, 0);
  const none = await recover(shop, endpoint, { since: new Date(Date.now() - 120_000).toISOString(), until: since });
  assert.deepEqual([none.examined, none.queued], [0, 0]);
  const paid = await recover(shop, endpoint, { since, event_types: ['charge.paid'] });
  assert.equal(paid.queued, 5);
  await until('five webhooks', () => receiver.received.length === 5);
  assert.deepEqual([...new Set(receiver.received.map(({ event }) => event.type))], ['charge.paid']);
  const rest = await recover(shop, endpoint, { since });
  assert.deepEqual([rest.dry_run, rest.queued], [false, 120]);
  await until('all webhooks', () => receiver.received.length === 125);
  assert.equal((await recover(shop, endpoint, { since })).queued, 0);
  for (const charge of charges) assert.equal(receiver.of(charge).filter(({ event }) => event.type === 'charge.created').length, 1);
  assert.equal(receiver.received.length, 125);
});

test('an endpoint that a 410 disabled recovers what was paid meanwhile', async (t) => {
  const shop = await host.shop();
  let status = 410;
  const receiver = await startReceiver(t, { answer: () => status });
  const since = new Date(Date.now() - 60_000).toISOString();
  const charges = [await shop.charge(), await shop.charge()];
  const endpoint = await shop.endpoint(receiver.url, 'charge.created', 'charge.paid');
  const path = `/v1/webhook_endpoints/${endpoint.id}`;
  await shop.charge();
  const disabled = await until('it is disabled', async () => {
    const read = await shop('GET', path);
    return read.status === 'disabled' && read;
  });
  assert.match(disabled.disabled_reason, /410/);
  status = 200;
  for (const charge of charges) await shop.pay(charge);
  assertError(await shop.api('POST', `${path}/recover`, { since }), 409, 'invalid_state');
  const enabled = await shop('PATCH', path, { status: 'enabled' });
  assert.equal(enabled.missed_events, 2);
  const isPaid = (charge) => receiver.of(charge).some(({ event }) => event.type === 'charge.paid');
  assert.ok(!charges.some(isPaid));
  await recover(shop, endpoint, { since });
  await until('both arrive', () => charges.every(isPaid));
  assert.equal((await shop('GET', path)).missed_events, 0);
});

// --- Lists --------------------------------------------------------------------------------------------------------------

test('deliveries are listed across endpoints, filtered and page by page', async (t) => {
  const shop = await host.shop();
  const receiver = await startReceiver(t, { answer: ({ path }) => (path === '/failing' ? 500 : 200) });
  const good = await shop.endpoint(`${receiver.url}/good`);
  const failing = await shop.endpoint(`${receiver.url}/failing`, 'charge.created');
  const list = (query) => shop('GET', `/v1/webhook_deliveries?${new URLSearchParams(query)}`);
  const charges = [];
  for (let i = 0; i < 4; ++i) charges.push(await shop.charge());
  await shop.pay(charges[0]);
  const all = await until('every delivery is attempted', async () => {
    const { data } = await list({ limit: 100 });
    return data.length === 9 && data.every(({ attempts }) => attempts > 0) && data;
  });
  const expectOnly = async (query, wanted) => {
    const { data } = await list({ limit: 100, ...query });
    assert.deepEqual(idsOf(data), idsOf(all.filter(wanted)), JSON.stringify(query));
    assert.ok(data.length > 0, JSON.stringify(query));
  };
  await expectOnly({ status: 'succeeded' }, ({ endpoint_id }) => endpoint_id === good.id);
  await expectOnly({ status: 'pending' }, ({ endpoint_id }) => endpoint_id === failing.id);
  await expectOnly({ event_type: 'charge.paid' }, ({ event_type }) => event_type === 'charge.paid');
  await expectOnly({ created_gte: all[4].created_at }, ({ created_at }) => created_at >= all[4].created_at);
  await expectOnly({ created_lt: all[0].created_at }, ({ created_at }) => created_at < all[0].created_at);
  const of_charge = receiver.of(charges[0]).map(({ event }) => event.id);
  await expectOnly({ object_id: charges[0].id }, ({ event_id }) => of_charge.includes(event_id));
  await expectOnly({ object_id: charges[0].id, status: 'succeeded' }, ({ event_id, endpoint_id }) =>
    of_charge.includes(event_id) && endpoint_id === good.id);

  for (const query of [{}, { status: 'succeeded' }, { object_id: charges[0].id }, { order: 'asc' }]) {
    const whole = idsOf((await list({ ...query, limit: 100 })).data);
    const paged = [];
    for (let cursor = null, pages = 0; ; ++pages) {
      const page = await list({ ...query, limit: 2, ...(cursor && { cursor }) });
      paged.push(...idsOf(page.data));
      assert.ok(page.data.length <= 2 && pages < 10, 'pages end');
      assert.equal(page.has_more, page.next_cursor !== null);
      if (!page.has_more) break;
      cursor = page.next_cursor;
    }
    assert.deepEqual(paged, whole, JSON.stringify(query));
  }

  const { next_cursor } = await list({ limit: 2 });
  const at = Math.floor(next_cursor.length / 2);
  const forged = [
    next_cursor.slice(0, at) + (next_cursor[at] === 'A' ? 'B' : 'A') + next_cursor.slice(at + 1),
    next_cursor.slice(0, -4),
    Buffer.from(all[2].id).toString('base64url'),
    'x',
  ];
  const refused = (query) => shop.api('GET', `/v1/webhook_deliveries?${new URLSearchParams(query)}`);
  for (const cursor of forged) assertError(await refused({ limit: 2, cursor }), 400, 'invalid_request', { param: 'cursor' });
  assertError(await refused({ limit: 2, cursor: next_cursor, status: 'pending' }), 400, 'invalid_request', { param: 'cursor' });
  assertError(await refused({ limit: 2, cursor: next_cursor, order: 'asc' }), 400, 'invalid_request', { param: 'cursor' });
  const other = await host.shop();
  const elsewhere = await other.api('GET', `/v1/webhook_deliveries?limit=2&cursor=${next_cursor}`);
  assertError(elsewhere, 400, 'invalid_request', { param: 'cursor' });
});

/// Every page of the events: `next` is the member of the envelope with the query's next value.
async function eventPages(shop, query, parameter, next) {
  const events = [];
  for (let from, pages = 0; ; ++pages) {
    const parameters = new URLSearchParams({ limit: 3, ...query, ...(from !== undefined && { [parameter]: from }) });
    const page = await shop('GET', `/v1/events?${parameters}`);
    assert.ok(page.data.length <= 3 && pages < 10, 'pages end');
    events.push(...page.data);
    if (!page.has_more) return events;
    from = page[next];
  }
}

test('events are read in both directions, by type, page by page', async () => {
  const shop = await host.shop();
  const charges = [];
  for (let i = 0; i < 5; ++i) charges.push(await shop.charge());
  for (const charge of charges.slice(0, 3)) await shop.pay(charge);
  const oldest_first = await eventPages(shop, {}, 'after_seq', 'next_after_seq');
  assert.deepEqual(oldest_first.map(({ seq }) => seq), [1, 2, 3, 4, 5, 6, 7, 8]);
  const newest_first = await eventPages(shop, { order: 'desc' }, 'before_seq', 'next_before_seq');
  assert.deepEqual(newest_first, oldest_first.toReversed());
  const paid = await eventPages(shop, { order: 'desc', types: 'charge.paid' }, 'before_seq', 'next_before_seq');
  assert.deepEqual(paid.map(({ seq }) => seq), [8, 7, 6]);
  assert.deepEqual((await shop('GET', '/v1/events?before_seq=3')).data.map(({ seq }) => seq), [2, 1]);
  assertError(await shop.api('GET', '/v1/events?after_seq=1&before_seq=3'), 400, 'invalid_request', { param: 'before_seq' });
  for (const [query, param] of [['order=desc&after_seq=1', 'after_seq'], ['order=asc&before_seq=3', 'before_seq'], ['before_seq=3&wait=5', 'wait']])
    assertError(await shop.api('GET', `/v1/events?${query}`), 400, 'invalid_request', { param });
});

test('a reader that waits gets the next event when it comes', async () => {
  const shop = await host.shop();
  const charge = await shop.charge();
  const waits = await host.metric('lntpay_waits');
  const began = performance.now();
  const reads = ['', '&types=charge.paid'].map((types) => shop('GET', `/v1/events?after_seq=1&wait=25${types}`));
  const readers_wait = until('both readers wait', async () => (await host.metric('lntpay_waits')) >= waits + 2);
  await Promise.race([Promise.all(reads), readers_wait]);
  await shop.charge();
  const any = await reads[0];
  assert.deepEqual([any.data.map(({ type, seq }) => [type, seq]), any.next_after_seq], [[['charge.created', 2]], 2]);
  await shop.pay(charge);
  assert.deepEqual((await reads[1]).data.map(({ type, seq }) => [type, seq]), [['charge.paid', 3]]);
  assert.ok(performance.now() - began < attempt_ms, 'before the end of the wait');
  const empty = await shop('GET', '/v1/events?after_seq=3&wait=1');
  assert.deepEqual([empty.data, empty.has_more, empty.next_after_seq], [[], false, 3]);
});

// --- Secrets ------------------------------------------------------------------------------------------------------------

const hmac = (key, text, encoding) => createHmac('sha256', key).update(text).digest(encoding);

/// "01 1": which of the secrets sign `webhook-signature` of a delivery, and the position of the one that signs its hex headers.
function signing(secrets, { headers, body }) {
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  const signatures = headers['webhook-signature'].split(' ');
  const key_of = (secret) => Buffer.from(secret.slice('whsec_'.length), 'base64');
  const signs = (secret) => signatures.includes(`v1,${hmac(key_of(secret), signed, 'base64')}`);
  assert.equal(signatures.length, secrets.filter(signs).length, 'no other signature');
  assert.equal(headers['x-signature'], headers['x-lntpay-signature']);
  const active = secrets.findIndex((secret) => hmac(secret, body, 'hex') === headers['x-signature']);
  return `${secrets.map((secret) => Number(signs(secret))).join('')} ${active}`;
}

test('a rotated secret signs the hex headers once activated or alone', async (t) => {
  const shop = await host.shop();
  const receiver = await startReceiver(t);
  const made = await shop.endpoint(receiver.url, 'charge.created');
  const path = `/v1/webhook_endpoints/${made.id}`;
  const secrets = [made.secret];
  const signed = async () => {
    const charge = await shop.charge();
    await until('the webhook', () => receiver.of(charge).length > 0);
    return signing(secrets, receiver.of(charge)[0]);
  };
  assert.equal(await signed(), '1 0');
  const first = await shop('POST', `${path}/rotate_secret`, { overlap_seconds: 86_400 });
  secrets.push(first.secret);
  assert.deepEqual(first.secrets.map(({ active }) => active), [false, true]);
  assert.equal(await signed(), '11 0');
  const activated = await shop('POST', `${path}/activate_secret`, {});
  assert.equal(activated.secret, undefined);
  assert.equal(await signed(), '11 1');
  const left = await shop('DELETE', `${path}/secrets/${activated.secrets[1].id}`);
  assert.equal(left.secrets.length, 1);
  assert.equal(await signed(), '01 1');
  assertError(await shop.api('DELETE', `${path}/secrets/${left.secrets[0].id}`), 409, 'invalid_state');
  assertError(await shop.api('DELETE', `${path}/secrets/${activated.secrets[1].id}`), 404, 'not_found');

  secrets.push((await shop('POST', `${path}/rotate_secret`, { overlap_seconds: 3 })).secret);
  assert.equal(await signed(), '011 1');
  await until('the overlap ends', async () => (await shop('GET', path)).secrets.length === 1);
  assert.equal(await signed(), '001 2');
});
