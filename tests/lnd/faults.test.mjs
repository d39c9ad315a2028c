// Real nodes behind a gateway that drops, truncates, delays and duplicates messages, with host and node killed at any time: at
// the end the workspace's balances match the nodes', to the millisatoshi.
//
//   node tests/lnd/faults.test.mjs     SEED=… replays the random choices; CHARGES=200 WITHDRAWALS=100 KILLS=20 is the long form
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertError, until } from '../e2e/lib.mjs';
import { fee, flagsFor, openShop, requireGo, startRig } from './lnd_rig.mjs';
import { unreliable } from './unreliable.mjs';

await requireGo();

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const charges = Number(process.env.CHARGES ?? 40);
const withdrawals = Number(process.env.WITHDRAWALS ?? 20);
const kills = Number(process.env.KILLS ?? 5);
/// A send that may be lost is retried after twice its timeout, 150 s; an interrupted task after its lease, 300 s.
const resent_ms_max = 480_000;

let rig, gateway, shop, charge, askCharge, ended, withdraw, resolved, balance, must;
let locked_msat = 0;  // of withdrawals that stay open at the end
const unsent = [];  // sent when their retry is due: after twice the timeout of a send
let lost, poor;  // withdrawals whose send is lost: they take minutes, so they start first and are checked last

before(async () => {
  rig = await startRig('faults');
  gateway = await unreliable(rig.alice);
  const { 'lnd-certificate': _, ...flags } = await flagsFor(rig, rig.alice);
  shop = await openShop(rig, rig.alice, { ...flags, 'lnd-url': gateway.url });
  ({ charge, askCharge, ended, withdraw, resolved, balance, must } = shop);
  const first = await charge(500_000_000);
  assert.equal((await rig.carol.pay(first.bolt11)).status, 'SUCCEEDED');
  assert.equal((await ended(first)).status, 'paid');
});
after(async () => {
  await shop?.close();
  gateway?.close();
  await rig?.stop();
});

/// The number of sends that reached the node during `during`.
async function sends(during) {
  const before = gateway.seen.length;
  const yielded = await during();
  return [gateway.seen.slice(before).filter((line) => line === 'POST /v2/router/send').length, yielded];
}

/// The final withdrawal, or one that failed at the node and is only released when its invoice expires, in an hour: one
/// that was sent twice, and whose first send got no response, so that it could still arrive.
const atRest = ({ id }) => until(`${id} is at rest`, async () => {
  const { json } = await shop.live('GET', `/v1/withdrawals/${id}?wait=5`);
  return json && (!['pending', 'dispatched', 'unknown'].includes(json.status) || waitsForExpiry(json)) && json;
}, resent_ms_max);
const waitsForExpiry = ({ status, reason }) => status === 'unknown' && /after the invoice has expired/.test(reason);

/// Retries with one Idempotency-Key until the response is final. A failed request locks its key for a minute.
async function insist(ask) {
  for (const give_up_at = Date.now() + 600_000; ; await sleep(250)) {
    const answer = await ask().catch(() => null);
    if (answer && ![409, 503].includes(answer.status)) return answer;
    assert.ok(Date.now() < give_up_at, answer?.text ?? 'no answer within 10 minutes');
  }
}

test('a lost send keeps its amount locked and is not reported as failed', async () => {
  const loseOne = async (more) => {
    gateway.will('POST /v2/router/send', 'unsent');
    const one = await must(withdraw(await rig.carol.invoice(7_000_000, { expiry: '3600' }), more), 202);
    await until('it is unknown', async () => (await shop.live('GET', `/v1/withdrawals/${one.id}`)).json.status === 'unknown');
    return one;
  };
  lost = await loseOne();
  poor = await loseOne({ max_fee_msat: 500 });
  assert.equal((await balance()).locked_msat, lost.amount_msat + lost.max_fee_msat + poor.amount_msat + poor.max_fee_msat);
});

test('an invoice whose response is lost exists once, and a retry returns it', async () => {
  const lostAnswer = async (fault, times) => {
    const key = randomUUID();
    const ask = () => askCharge(11_000, { expires_in: 3_600 }, key);
    gateway.will('POST /v1/invoices', fault, { times });
    assertError(await ask(), 503, 'node_unavailable');
    return ask;
  };
  // libcurl retries by itself when a reused connection closes without a byte.
  const asks = [await lostAnswer('unanswered', 2), await lostAnswer('cut', 1)];
  await Promise.all(asks.map(async (ask) => {
    const one = await must(insist(ask));  // once the first request's claim of the key has expired
    await rig.carol.pay(one.bolt11);
    assert.equal((await ended(one)).settled_msat, 11_000);
    assert.equal((await ask()).json.id, one.id);
  }));
  gateway.forget();  // the retry that libcurl may not have made
});

test('an invoice requested twice exists once; one never received does not', async () => {
  gateway.will('POST /v1/invoices', 'twice');
  const one = await charge(12_000);
  await rig.carol.pay(one.bolt11);
  assert.equal((await ended(one)).settled_msat, 12_000);
  const before = (await shop.list('/v1/charges')).length;
  gateway.will('POST /v1/invoices', 'unsent', { times: 2 });  // libcurl may retry on a closed connection
  assertError(await askCharge(12_000), 503, 'node_unavailable');
  gateway.forget();
  assert.equal((await shop.list('/v1/charges')).length, before);
});

test('failed polls change nothing, a later poll does', async () => {
  for (const fault of ['unsent', 'unanswered', 'cut']) {
    const one = await charge(13_000);
    gateway.will(`GET /v1/invoice/${one.payment_hash}`, fault, { times: 2 });
    gateway.will('POST /v2/invoices/cancel', fault, { times: 2 });
    assertError(await shop.live('POST', `/v1/charges/${one.id}/cancel`, {}), 503, 'node_unavailable');
    gateway.forget();
    assert.equal((await shop.live('GET', `/v1/charges/${one.id}`)).json.status, 'pending');
    await rig.carol.pay(one.bolt11).catch(() => {});
    const last = await ended(one);
    // A cancellation that arrived took effect.
    assert.equal(last.status, fault === 'unsent' ? 'paid' : 'canceled', fault);
  }
});

test('a stream with duplicate and truncated lines credits each payment once', async () => {
  const before = await balance();
  const streams = () => gateway.seen.filter((line) => line.includes('/subscribe')).length;
  const opened = streams();
  gateway.will('GET /v1/invoices/subscribe', 'doubled');
  gateway.will('GET /v1/invoices/subscribe', 'cut-line', { value: 3 });
  await shop.kill();
  await shop.start();
  for (let i = 0; i < 3; ++i) {
    const many = await Promise.all(Array.from({ length: 5 }, () => charge(14_000, { expires_in: 3_600 })));
    for (const one of many) await rig.carol.pay(one.bolt11);
    for (const one of many) assert.equal((await ended(one)).status, 'paid');
    if (i === 0) {
      await shop.kill();
      await shop.start();
    }
    if (i === 1) await until('the broken stream was reopened', () => streams() === opened + 3);
  }
  assert.equal((await balance()).available_msat, before.available_msat + 15 * 14_000);
});

for (const fault of ['unanswered', 'cut', 'first-line']) {
  test(`a payment whose response is lost (${fault}) is found by polling, sent once`, async () => {
    const before = await balance();
    gateway.will('POST /v2/router/send', fault);
    const [times, one] = await sends(async () => resolved(await must(withdraw(await rig.carol.invoice(5_000_000)), 202)));
    assert.deepEqual([one.status, one.fee_msat, times], ['succeeded', fee(5_000_000), 1]);
    assert.equal((await balance()).available_msat, before.available_msat - 5_000_000 - fee(5_000_000));
  });
  test(`a failed payment whose response is lost (${fault}) is released`, async () => {
    const before = await balance();
    gateway.will('POST /v2/router/send', fault);
    const asked = withdraw(await rig.carol.invoice(5_000_000), { max_fee_msat: 1_000 });
    const [times, one] = await sends(async () => resolved(await must(asked, 202)));
    assert.deepEqual([one.status, one.reason, times], ['failed', 'FAILURE_REASON_NO_ROUTE', 1]);
    assert.deepEqual(await balance(), before);
  });
}

test('a host killed during a send pays once and learns the outcome later', async () => {
  const before = await balance();
  const arrived = gateway.will('POST /v2/router/send', 'late', { value: 1_500 });
  const [times, one] = await sends(async () => {
    const asked = await must(withdraw(await rig.carol.invoice(4_000_000)), 202);
    await until('it is on the way', arrived);
    await shop.kill();
    await shop.start();
    await until('it arrived', async () => (await rig.alice.payment(asked.payment_hash).catch(() => null))?.status === 'SUCCEEDED');
    await must(shop.live('POST', `/v1/withdrawals/${asked.id}/reconcile`), 200);
    return resolved(asked);
  });
  assert.deepEqual([one.status, one.fee_msat, times], ['succeeded', fee(4_000_000), 1]);
  assert.equal((await balance()).available_msat, before.available_msat - 4_000_000 - fee(4_000_000));
});

test('a host killed between commit and send has sent nothing; the amount stays locked', async () => {
  const before = await balance();
  const dropped = gateway.will('POST /v2/router/send', 'unsent');
  const asked = await must(withdraw(await rig.carol.invoice(4_000_000, { expiry: '3600' })), 202);
  await until('it is written down', dropped);
  await shop.kill();
  await shop.start();
  const looked = await must(shop.live('POST', `/v1/withdrawals/${asked.id}/reconcile`), 200);
  assert.ok(['dispatched', 'unknown'].includes(looked.status), looked.status);
  const { locked_msat } = await balance();
  assert.equal(locked_msat - before.locked_msat, asked.amount_msat + asked.max_fee_msat);
  unsent.push(asked);
});

test('a node killed while a payment is held reports the outcome after its restart', async () => {
  const hold = await rig.carol.hold(3_000_000);
  const asked = await must(withdraw(hold.bolt11), 202);
  await until('it is held', hold.held);
  await rig.kill('alice');
  await hold.settle();
  await rig.revive('alice');
  await until('it is heard', async () => (await must(shop.live('POST', `/v1/withdrawals/${asked.id}/reconcile`), 200)).status === 'succeeded');
});

test('failed polls of a payment release nothing', async () => {
  const hold = await rig.carol.hold(6_000_000);
  gateway.will('POST /v2/router/send', 'first-line');
  const one = await must(withdraw(hold.bolt11), 202);
  await until('it is held', hold.held);
  for (const fault of ['unsent', 'unanswered', 'cut']) gateway.will('GET /v2/router/track', fault, { times: 2 });
  const { locked_msat } = await balance();
  assert.ok(locked_msat >= one.amount_msat + one.max_fee_msat);
  await sleep(5_000);
  assert.equal((await balance()).locked_msat, locked_msat);
  await hold.settle();
  assert.equal((await resolved(one, 120_000)).status, 'succeeded');
});

// --- Repeated kills of either side --- -------------------------------------------------------------------------------

let state = seed >>> 0;
function random() {  // mulberry32
  state = (state + 0x6d2b79f5) >>> 0;
  let t = state;
  t = Math.imul(t ^ (t >>> 15), t | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}
const between = (low, high) => low + Math.floor(random() * (high - low + 1));

test(`${charges} charges and ${withdrawals} withdrawals with host and node killed ${kills} times each (SEED=${seed})`, async (t) => {
  const made = [];
  const orders = [];
  let left = charges + withdrawals;
  let over = false;
  t.after(() => (over = true));

  /// A node that is down finds no route; the payer retries later.
  async function payAtLast(bolt11) {
    const paid = await rig.carol.pay(bolt11).catch((error) => {
      if (/already paid/.test(error.message)) return { status: 'SUCCEEDED' };
      throw error;
    });
    return paid.status === 'SUCCEEDED' && { status: 200 };
  }
  async function customer(share) {
    for (let i = 0; i < share; ++i, --left) {
      const key = randomUUID();
      const amount_msat = between(1_000, 900_000);
      const { json } = await insist(() => askCharge(amount_msat, { expires_in: 3_600 }, key));
      made.push(json);
      await insist(() => payAtLast(json.bolt11));
    }
  }
  async function payee(share) {
    for (let i = 0; i < share; ++i, --left) {
      const key = randomUUID();
      const hold = random() < 0.3 ? await rig.carol.hold(between(1_000, 9_000) * 1_000) : null;
      const bolt11 = hold?.bolt11 ?? (await rig.carol.invoice(between(1_000, 9_000) * 1_000, { expiry: '3600' }));
      const more = random() < 0.2 ? { max_fee_msat: 500 } : {};
      const answer = await insist(() => withdraw(bolt11, more, key));
      assert.ok(answer.status === 202 || answer.status === 200, answer.text);
      orders.push(answer.json);
      if (!hold) continue;
      const decision = random() < 0.5 ? hold.settle : hold.cancel;
      // A payment without a route is never held; one whose send was lost is held when it is retried, minutes later.
      (async () => {
        while (!over && !(await hold.held().catch(() => false))) await sleep(500);
        if (!over) await decision();
      })().catch(() => {});
    }
  }
  async function killer() {
    for (let i = 0; i < kills && left > 0; ++i) {
      await sleep(between(200, 1_500));
      await shop.kill();
      await shop.start();
      await sleep(between(200, 1_500));
      await rig.kill('alice');
      await rig.revive('alice');
    }
  }
  const half = (all) => [Math.ceil(all / 2), Math.floor(all / 2)];
  await Promise.all([...half(charges).map(customer), ...half(withdrawals).map(payee), killer()]);

  for (const one of made) {
    const last = await ended(one, 120_000);
    const invoice = await rig.alice.lookup(one.payment_hash);
    assert.deepEqual([last.status, last.settled_msat], ['paid', Number(invoice.amt_paid_msat)]);
  }
  const ends = {};
  // The node lost these and reports them in flight forever, so their amounts stay locked.
  const before = new Set(await rig.alice.forgotten());
  await sleep(before.size > 0 ? 30_000 : 0);
  const forgotten = new Set((await rig.alice.forgotten()).filter((hash) => before.has(hash)));
  const known = new Map((await shop.list('/v1/withdrawals')).map((each) => [each.id, each]));
  for (const one of orders) {
    if (forgotten.has(one.payment_hash)) {
      const { status, amount_msat, max_fee_msat } = known.get(one.id);
      assert.ok(['dispatched', 'unknown'].includes(status), `${one.id} is ${status}, but the node reports it in flight`);
      locked_msat += amount_msat + max_fee_msat;
      ends.forgotten = (ends.forgotten ?? 0) + 1;
      continue;
    }
    const last = await atRest(one);
    ends[last.status] = (ends[last.status] ?? 0) + 1;
    const there = await rig.alice.payment(one.payment_hash).catch(() => null);
    if (waitsForExpiry(last)) {
      assert.equal(there?.status, 'FAILED');
      locked_msat += last.amount_msat + last.max_fee_msat;
    }
    assert.equal(last.status === 'succeeded', there?.status === 'SUCCEEDED', `${JSON.stringify(last)} is ${there?.status} at the node`);
    const { state: invoice_state, amt_paid_msat } = await rig.carol.lookup(one.payment_hash);
    assert.equal(last.status === 'succeeded', invoice_state === 'SETTLED', JSON.stringify(last));
    if (last.status === 'succeeded') assert.equal(Number(amt_paid_msat), last.amount_msat);
  }
  console.log(`withdrawals ended: ${JSON.stringify(ends)}`);
  assert.ok((ends.unknown ?? 0) <= 4 * kills, 'a kill of host or node loses one send of each of the two payees');
});

test('the lost send is retried, and the payment is made once', async () => {
  const one = await resolved(lost, resent_ms_max);
  assert.equal(one.status, 'succeeded', JSON.stringify(one));
  assert.equal((await rig.carol.lookup(lost.payment_hash)).amt_paid_msat, '7000000');
});

test('a failed retry keeps the lock until the first send cannot arrive', async () => {
  const one = await atRest(poor);
  assert.ok(waitsForExpiry(one), JSON.stringify(one));
  assert.equal((await rig.alice.payment(poor.payment_hash)).status, 'FAILED');
  locked_msat += one.amount_msat + one.max_fee_msat;
});

test('an unsent payment is sent when its retry is due, and paid once', async () => {
  for (const asked of unsent) {
    const one = await resolved(asked, resent_ms_max);
    assert.equal(one.status, 'succeeded', JSON.stringify(one));
    assert.equal((await rig.carol.lookup(asked.payment_hash)).amt_paid_msat, '4000000');
  }
});

test("only payments that the node lost stay locked; the balances match", async () => {
  const all = await shop.verify({ locked_msat });
  assert.ok(all > 0);
});
