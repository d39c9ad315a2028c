// A client that retries each request three times with timeouts never pays twice: 1,000 payments through a proxy that drops requests and
// responses, cuts, delays, repeats, and answers HTML. The balance, the lists and the wallet prove it. SEED=… repeats a run.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startHost } from './lib.mjs';
import { makeWallet } from './lib_gates.mjs';
import { fault_names, listen, paidFetch, randomOf, runAll, sdk, startFaultyProxy } from './lib_sdk.mjs';

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
console.log(`SEED=${seed}`);
const runs = 1_000;
const width = 24;
const client_limits = { timeoutMs: 250, retries: 3, backoffMs: 5 };
let host, truth;

before(async () => {
  host = await startHost();
  truth = new sdk.LNTPay({ apiKey: host.env.LNTPAY_API_KEY, baseUrl: host.url });
});
after(() => host?.stop());

const clientOf = (baseUrl) => new sdk.LNTPay({ apiKey: host.env.LNTPAY_API_KEY, baseUrl, ...client_limits });

/// A logical payment, as an application with a queue makes it: a failed call is made again under its key, up to `calls` times.
/// undefined: the application gave up.
async function untilMade(call, calls) {
  for (let idempotencyKey, i = 0; i < calls; i += 1) {
    try {
      return await call({ idempotencyKey });
    } catch (error) {
      assert.ok(error.outcomeUnknown, `${error.name}: ${error.message}`);
      assert.ok(error.idempotencyKey && (idempotencyKey ?? error.idempotencyKey) === error.idempotencyKey);
      ({ idempotencyKey } = error);
    }
  }
  return undefined;
}

test(`${runs} faulted payments through the API each happen once`, async () => {
  const random = randomOf(seed);
  await truth.sandbox.fund({ amount_sats: 10_000_000, description: 'start' });
  const invoices = [];
  await runAll(runs, width, async (i) => {
    if (i % 2 === 0) invoices[i] = await truth.sandbox.createInvoice({ amount_sats: 100 + i, behavior: 'succeed', expires_in: 86_400 });
  });
  const proxy = await startFaultyProxy(host.url, { seed });
  const lntpay = clientOf(proxy.url);
  const made = new Map(); // name -> what the client knows of it
  let given_up = 0;
  try {
    await runAll(runs, width, async (i) => {
      const name = `run-${i}`;
      const pay = (options) => lntpay.withdrawals.create({ bolt11: invoices[i].bolt11, max_fee_sats: 50, external_id: name }, options);
      const receive = (options) => lntpay.sandbox.fund({ amount_sats: 100 + i, description: name }, options);
      const one = await untilMade(i % 2 === 0 ? pay : receive, random() < 0.2 ? 1 : 20);
      if (one) made.set(name, one);
      else given_up += 1;
    });
  } finally {
    proxy.close();
  }
  for (const fault of fault_names) assert.ok(proxy.counts[fault] >= 20, `${fault}: ${proxy.counts[fault]}`);
  assert.ok(made.size >= 800 && given_up > 0, `${made.size} made, ${given_up} given up`);

  const charges = await truth.charges.list({ limit: 100 }).toArray();
  const withdrawals = await truth.withdrawals.list({ limit: 100 }).toArray();
  for (const withdrawal of withdrawals) assert.equal((await truth.withdrawals.wait(withdrawal.id)).status, 'succeeded');
  const names = [...charges.map(({ description }) => description), ...withdrawals.map(({ external_id }) => external_id)];
  assert.equal(new Set(names).size, names.length, 'no payment was made twice');
  for (const [name, { id, duplicate_of }] of made) {
    const found = [...charges, ...withdrawals].find((each) => each.id === id);
    assert.equal(found?.external_id ?? found?.description, name);
    assert.equal(duplicate_of, undefined, 'a retry was answered by its Idempotency-Key, not by the invoice');
  }
  assert.ok(names.length - 1 <= runs && names.length - 1 >= made.size);

  const ended = await truth.withdrawals.list({ limit: 100 }).toArray();
  const sum = (numbers) => numbers.reduce((all, each) => all + each, 0);
  const expected = sum(charges.map(({ settled_msat }) => settled_msat)) - sum(ended.map(({ amount_msat, fee_msat }) => amount_msat + fee_msat));
  const { total_msat, locked_msat } = await truth.balance.get();
  assert.deepEqual({ total_msat, locked_msat }, { total_msat: expected, locked_msat: 0 });
});

test('the same faults without the Idempotency-Key pay twice: the test would see it', async () => {
  await truth.sandbox.reset();
  const change = ({ 'idempotency-key': _, ...headers }) => headers;
  const proxy = await startFaultyProxy(host.url, { seed, change });
  const lntpay = clientOf(proxy.url);
  try {
    await runAll(60, width, (i) => untilMade((options) => lntpay.sandbox.fund({ amount_sats: 100, description: `control-${i}` }, options), 20));
  } finally {
    proxy.close();
  }
  const { total_sats } = await truth.balance.get();
  assert.ok(total_sats > 6_000, `${total_sats}`);
});

test('200 paid requests through the same faults are each paid once', async () => {
  const wallet = makeWallet(host.api);
  const invoices = new Map(); // invoice -> how often it was paid
  const payments = new Map(); // path -> payments
  const sell = paidFetch({ price: 21, repeat_seconds: 300, lntpay: truth });
  const handler = sell((request) => Response.json({ path: new URL(request.url).pathname }));
  const service = await listen(async (incoming, outgoing) => {
    const headers = Object.entries(incoming.headers);
    const response = await handler(new Request(`http://${incoming.headers.host}${incoming.url}`, { headers }));
    outgoing.writeHead(response.status, Object.fromEntries(response.headers)).end(Buffer.from(await response.arrayBuffer()));
  });
  const proxy = await startFaultyProxy(service.url, { seed });
  const paying = sdk.payingFetch({
    budget: { perRequestSats: 21, totalSats: 200 * 21 },
    async payer(invoice, { url }) {
      invoices.set(invoice, (invoices.get(invoice) ?? 0) + 1);
      payments.set(new URL(url).pathname, (payments.get(new URL(url).pathname) ?? 0) + 1);
      return wallet.pay(invoice);
    },
  });
  /// One attempt, with a time limit; an answer of the proxy counts as none.
  async function attempt(path) {
    try {
      const response = await paying(proxy.url + path, { signal: AbortSignal.timeout(1_000) });
      const { path: got } = await response.json();
      return response.status === 200 && got === path;
    } catch {
      return false;
    }
  }
  try {
    await runAll(200, width, async (i) => {
      for (let tries = 0; ; tries += 1) {
        if (await attempt(`/reports/${i}`)) break;
        assert.ok(tries < 60, `no report ${i}`);
      }
    });
  } finally {
    proxy.close();
    service.close();
  }
  assert.deepEqual([...new Set(invoices.values())], [1], 'no invoice was paid twice');
  assert.equal(payments.size, 200);
  assert.deepEqual([...payments].filter(([, count]) => count !== 1), [], 'no report was paid for twice');
  assert.equal(paying.spentMsat, 200 * 21_000);
});
