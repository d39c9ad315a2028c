// The `webhook_url` of a charge, on the real server: signed with the workspace's secret before, during and after a rotation, in the
// log of deliveries, and no origin that hangs delays another.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, test } from 'node:test';
import { verifyWebhook } from '../../examples/webhooks/verify.mjs';
import { assertError, until } from './lib.mjs';
import { scratchFolder } from './lib_process.mjs';
import { startReceiver, startShops } from './lib_webhooks.mjs';

/// Far below the 15 s of an attempt: a delivery that waits for one takes longer.
const prompt_ms = 1_000;
const lease_ms = 20_000;
const secret_path = '/v1/workspace/webhook_secret';

let host;
before(async () => (host = await startShops()));
after(() => host?.stop());

const chargeFor = (shop, webhook_url) => shop.charge({ webhook_url });
const deliveriesOf = async (shop, { id }) => (await shop('GET', `/v1/webhook_deliveries?object_id=${id}`)).data;

/// The webhook of a charge that is created and paid.
async function paidWebhook(shop, receiver, path) {
  const charge = await chargeFor(shop, receiver.url + path);
  await shop.pay(charge);
  await until('the webhook', () => receiver.of(charge).length > 0);
  return { charge, webhook: receiver.of(charge)[0] };
}

/// "01 1": which of the secrets verify a webhook, as a receiver does it, and the position of the one that signs its hex headers.
function signing(secrets, { headers, body }) {
  const verifies = (secret) => {
    try {
      return verifyWebhook([secret], headers, body) !== undefined;
    } catch {
      return false;
    }
  };
  const hex = (secret) => createHmac('sha256', secret).update(body).digest('hex');
  return `${secrets.map((secret) => Number(verifies(secret))).join('')} ${secrets.findIndex((secret) => hex(secret) === headers['x-signature'])}`;
}

test('the end of a charge is posted to its webhook_url, and logged', async (t) => {
  const shop = await host.shop();
  const receiver = await startReceiver(t);
  const refused = await shop.api('POST', '/v1/charges', { amount_sats: 21, webhook_url: receiver.url });
  assertError(refused, 409, 'invalid_state');
  const { secret } = await shop('POST', secret_path, {}, 201);
  const { charge, webhook } = await paidWebhook(shop, receiver, '/orders/7?shop=3');
  assert.equal(webhook.path, '/orders/7?shop=3');
  assert.equal(webhook.event.type, 'charge.paid');
  assert.equal(signing([secret], webhook), '1 0');
  const [delivery, ...others] = await until('the log', async () => {
    const found = await deliveriesOf(shop, charge);
    return found[0]?.status === 'succeeded' && found;
  });
  assert.equal(others.length, 0, 'charge.created is not sent');
  assert.equal(delivery.endpoint_id, null);
  assert.equal(delivery.url, `${receiver.url}/orders/7?shop=3`);
  assert.equal(delivery.event_id, webhook.headers['webhook-id']);

  await shop('POST', `/v1/webhook_deliveries/${delivery.id}/redeliver`, {}, 202);
  await until('the redelivery', () => receiver.of(charge).length === 2);
  const again = receiver.of(charge)[1];
  assert.equal(again.headers['webhook-id'], webhook.headers['webhook-id']);
  assert.equal(again.body, webhook.body);
  const logged = await until('its attempt', async () => {
    const { attempt_log } = await shop('GET', `/v1/webhook_deliveries/${delivery.id}`);
    return attempt_log.length === 2 && attempt_log;
  });
  assert.deepEqual(logged.map(({ response_body }) => response_body), ['noted', 'noted']);
});

test('a canceled charge is posted to its webhook_url, an open one is not', async (t) => {
  const shop = await host.shop();
  const receiver = await startReceiver(t);
  await shop('POST', secret_path, {}, 201);
  const charge = await chargeFor(shop, receiver.url);
  await shop('POST', `/v1/charges/${charge.id}/cancel`, {});
  await until('the webhook', () => receiver.of(charge).length > 0);
  assert.deepEqual(receiver.received.map(({ event }) => event.type), ['charge.canceled']);
});

test('a rotated webhook secret signs beside the former one, then alone', async (t) => {
  const shop = await host.shop();
  const receiver = await startReceiver(t);
  const secrets = [(await shop('POST', secret_path, {}, 201)).secret];
  const signed = async () => signing(secrets, (await paidWebhook(shop, receiver, '/orders')).webhook);
  assert.equal(await signed(), '1 0');
  secrets.push((await shop('POST', secret_path, { overlap_seconds: 86_400 }, 201)).secret);
  assert.equal(await signed(), '11 0');
  const activated = await shop('POST', `${secret_path}/activate`, {});
  assert.equal(activated.secret, undefined);
  assert.equal(await signed(), '11 1');
  const left = await shop('DELETE', `${secret_path}/secrets/${activated.secrets[1].id}`);
  assert.equal(left.secrets.length, 1);
  assert.equal(await signed(), '01 1');
  assertError(await shop.api('DELETE', `${secret_path}/secrets/${left.secrets[0].id}`), 409, 'invalid_state');

  secrets.push((await shop('POST', secret_path, { overlap_seconds: 2 }, 201)).secret);
  assert.equal(await signed(), '011 1');
  await until('the overlap ends', async () => (await shop('GET', secret_path)).secrets.length === 1);
  assert.equal(await signed(), '001 2');
});

test('an origin that hangs delays no other', async (t) => {
  const shop = await host.shop();
  await shop('POST', secret_path, {}, 201);
  const hanging = await startReceiver(t, { hangs: () => true });
  const good = await startReceiver(t);
  const stuck = await Promise.all(Array.from({ length: 12 }, (_, i) => chargeFor(shop, `${hanging.url}/orders/${i}`)));
  for (const charge of stuck) await shop.pay(charge);
  await until('eight requests hang', () => hanging.received.length === 8);
  for (let i = 0; i < 5; ++i) {
    const charge = await chargeFor(shop, `${good.url}/orders/${i}`);
    await shop.pay(charge);
    const paid_at = performance.now();
    await until('the webhook', () => good.of(charge).length > 0);
    const ms = good.of(charge)[0].at - paid_at;
    assert.ok(ms < prompt_ms, `a webhook took ${ms} ms`);
  }
  assert.equal(hanging.received.length, 8, 'a window of eight');
  hanging.release();
  for (const charge of stuck) {
    await until('it arrives', async () => (await deliveriesOf(shop, charge))[0].status === 'succeeded', lease_ms);
    assert.equal(hanging.of(charge).length, 1);
  }
});

test('a kill during an attempt at a webhook_url repeats it', async (t) => {
  const data = scratchFolder();
  const receiver = await startReceiver(t, { hangs: () => true });
  const killed = await startShops({ data });
  const shop = killed.own;
  const { secret } = await shop('POST', secret_path, {}, 201);
  const { charge, webhook } = await paidWebhook(shop, receiver, '/orders/7');
  await killed.stop('SIGKILL');
  receiver.release();

  const restarted = await startShops({ data });
  t.after(() => restarted.stop());
  await until('the retry', () => receiver.of(charge).length === 2, lease_ms + 5_000);
  const again = receiver.of(charge)[1];
  assert.equal(again.headers['webhook-id'], webhook.headers['webhook-id']);
  assert.equal(again.body, webhook.body);
  assert.equal(signing([secret], again), '1 0');
});

test('a webhook_url into a private network is refused', async () => {
  const shop = await host.shop();
  await shop('POST', secret_path, {}, 201);
  for (const url of ['http://10.0.0.1:8080/', 'http://169.254.169.254/latest', 'https://user:pass@example.com/', 'ftp://example.com/']) {
    const refused = await shop.api('POST', '/v1/charges', { amount_sats: 21, webhook_url: url });
    assertError(refused, 400, 'invalid_request', { param: 'webhook_url' });
  }
});
