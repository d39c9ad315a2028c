// How events are sent to an endpoint: in the order of their objects, at a pace, with headers of its owner's.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertError, until } from './lib.mjs';
import { scratchFolder } from './lib_process.mjs';
import { startReceiver, startShops } from './lib_webhooks.mjs';

const data = scratchFolder();
let host;
before(async () => (host = await startShops({ data })));
after(() => host?.stop());

const endpointFor = (shop, url, options) => shop('POST', '/v1/webhook_endpoints', { url, ...options }, 201);
const typesOf = (receiver, charge) => receiver.of(charge).map(({ event }) => event.type);

test('per_object: an event waits for the earlier one of its charge, and for no other', async (t) => {
  const shop = await host.shop();
  const receiver = await startReceiver(t, { hangs: ({ event }) => event.data.description === 'slow' });
  const endpoint = await endpointFor(shop, receiver.url, { ordering: 'per_object', event_types: ['charge.*'] });
  assert.equal(endpoint.ordering, 'per_object');
  const slow = await shop.charge({ description: 'slow' });
  await shop.pay(slow);
  const others = await Promise.all(Array.from({ length: 10 }, () => shop.charge()));
  for (const charge of others) await shop.pay(charge);
  await until('the others', () => others.every((charge) => receiver.of(charge).length === 2));
  for (const charge of others) assert.deepEqual(typesOf(receiver, charge), ['charge.created', 'charge.paid']);
  assert.deepEqual(typesOf(receiver, slow), ['charge.created']);
  receiver.release();
  await until('its turn', () => receiver.of(slow).length === 2);
  assert.deepEqual(typesOf(receiver, slow), ['charge.created', 'charge.paid']);
});

test('per_object: the order holds while the receiver fails', async (t) => {
  const shop = await host.shop();
  const failed = new Set();
  const receiver = await startReceiver(t, {
    // Each event fails once.
    answer: ({ event }) => (failed.has(event.id) ? 200 : (failed.add(event.id), 500)),
  });
  await endpointFor(shop, receiver.url, { ordering: 'per_object', event_types: ['charge.*'] });
  const charge = await shop.charge();
  await shop.pay(charge);
  await until('both events', () => receiver.of(charge).length === 4, 30_000);
  assert.deepEqual(typesOf(receiver, charge), ['charge.created', 'charge.created', 'charge.paid', 'charge.paid']);
});

test('max_per_second spreads the attempts, and none is lost', async (t) => {
  const shop = await host.shop();
  const receiver = await startReceiver(t);
  const endpoint = await endpointFor(shop, receiver.url, { max_per_second: 10, event_types: ['charge.created'] });
  for (let i = 0; i < 30; ++i) await shop.charge();
  await until('all of them', () => receiver.received.length === 30);
  const times = receiver.received.map(({ at }) => at);
  assert.ok(times.at(-1) - times[0] >= 2_500, `30 events in ${times.at(-1) - times[0]} ms`);
  await shop('PATCH', `/v1/webhook_endpoints/${endpoint.id}`, { max_per_second: 0 });
  const changed = await shop('GET', `/v1/webhook_endpoints/${endpoint.id}`);
  assert.equal(changed.max_per_second, 0);
});

test('headers are sent, kept sealed, and shown by name', async (t) => {
  const shop = await host.shop();
  const receiver = await startReceiver(t);
  const value = 'Bearer a-very-secret-token';
  const endpoint = await endpointFor(shop, receiver.url, { headers: { Authorization: value }, event_types: ['charge.created'] });
  assert.deepEqual(endpoint.header_names, ['authorization']);
  await shop.charge();
  await until('the webhook', () => receiver.received.length === 1);
  assert.equal(receiver.received[0].headers.authorization, value);
  const refused = await shop.api('POST', '/v1/webhook_endpoints', { url: receiver.url, headers: { 'Webhook-Id': 'mine' } });
  assertError(refused, 400, 'invalid_request', { param: 'headers' });
  await sleep(100);
  for (const name of readdirSync(data).filter((each) => each.startsWith('lntpay.db')))
    assert.ok(!readFileSync(join(data, name)).includes(value), `${name} has the value`);
});

test('a paced endpoint with a slow receiver fills its window', async (t) => {
  const shop = await host.shop();
  let open = 0;
  let most_open = 0;
  const receiver = await startReceiver(t, {
    hangs: () => {
      most_open = Math.max(most_open, ++open);
      return true;
    },
  });
  const endpoint = await endpointFor(shop, receiver.url, { max_per_second: 50, event_types: ['charge.created'] });
  await shop('PATCH', `/v1/webhook_endpoints/${endpoint.id}`, { status: 'disabled' });
  const since = new Date(Date.now() - 1_000).toISOString();
  for (let i = 0; i < 12; ++i) await shop.charge();
  await shop('PATCH', `/v1/webhook_endpoints/${endpoint.id}`, { status: 'enabled' });
  await shop('POST', `/v1/webhook_endpoints/${endpoint.id}/recover`, { since }, 202);
  // What a recovery queued has half of the window.
  await until('four open requests', () => most_open === 4, 3_000);
  for (let i = 0; i < 12; ++i) await shop.charge();
  await until('a full window', () => most_open === 8, 3_000);
  receiver.release();
  await until('all of them', () => receiver.received.length === 24);
});
