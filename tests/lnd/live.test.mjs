// The live environment on real nodes: `lntpay serve` uses alice, customers and payees use carol, bob routes between them.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { assertError, until } from '../e2e/lib.mjs';
import { program } from '../../examples/pay-per-request/sandbox.mjs';
import { doctor, doctorCases } from './doctor_cases.mjs';
import { fee, flagsFor, openShop, requireGo, startNodeProxy, startRig, walletlessNode } from './lnd_rig.mjs';

await requireGo();

let rig, shop, live, charge, ended, withdraw, resolved, balance, must;

before(async () => {
  rig = await startRig('live');
  shop = await openShop(rig, rig.alice, await flagsFor(rig, rig.alice));
  ({ live, charge, ended, withdraw, resolved, balance, must } = shop);
});
after(async () => {
  await shop?.close();
  await rig?.stop();
});

test("a charge is an invoice of the node; another node's payment is credited", async () => {
  const first = await charge(50_000_000, { description: 'ünï ₿' });
  assert.match(first.bolt11, /^lnbcrt/);
  const invoice = await rig.alice.lookup(first.payment_hash);
  assert.deepEqual([invoice.state, invoice.memo, invoice.value_msat], ['OPEN', 'ünï ₿', '50000000']);
  assert.equal((await rig.carol.pay(first.bolt11)).status, 'SUCCEEDED');
  const paid = await ended(first);
  assert.deepEqual([paid.status, paid.settled_msat], ['paid', 50_000_000]);
  assert.deepEqual(await balance(), { available_msat: 50_000_000, locked_msat: 0 });
});

test('the invoice stream credits a payment before the first poll', async () => {
  const took = [];
  for (let i = 0; i < 5; ++i) {
    const one = await charge(10_000 + i);
    await rig.carol.pay(one.bolt11);
    const began = performance.now();
    assert.equal((await ended(one)).status, 'paid');
    took.push(performance.now() - began);
  }
  took.sort((a, b) => a - b);
  assert.ok(took[2] < 500, `${took}`);  // the first poll is 2 s after the charge was created
});

test("payments during host downtime are credited from the stream's last position", async () => {
  const before = await balance();
  const two = [await charge(30_000, { expires_in: 3_600 }), await charge(40_000, { expires_in: 3_600 })];
  await shop.kill();
  for (const { bolt11 } of two) assert.equal((await rig.carol.pay(bolt11)).status, 'SUCCEEDED');
  await shop.start();
  for (const one of two) assert.equal((await ended(one)).status, 'paid');
  assert.equal((await balance()).available_msat, before.available_msat + 70_000);
});

test('an overpaid charge credits the paid amount', async () => {
  const one = await charge(10_000);
  const before = await balance();
  assert.equal((await rig.carol.payAmount(one.bolt11, 15_000)).status, 'SUCCEEDED');
  const paid = await ended(one);
  assert.deepEqual([paid.status, paid.amount_msat, paid.settled_msat], ['paid', 10_000, 15_000]);
  assert.equal((await balance()).available_msat, before.available_msat + 15_000);
});

test('a canceled charge is canceled at the node, and cannot be paid', async () => {
  const one = await charge(10_000);
  assert.equal((await must(live('POST', `/v1/charges/${one.id}/cancel`, {}), 200)).status, 'canceled');
  assert.equal((await rig.alice.lookup(one.payment_hash)).state, 'CANCELED');
  const refused = await rig.carol.pay(one.bolt11);
  assert.deepEqual([refused.status, refused.failure_reason], ['FAILED', 'FAILURE_REASON_INCORRECT_PAYMENT_DETAILS']);
});

test('an unpaid charge expires with the node’s invoice', async () => {
  const one = await charge(10_000, { expires_in: 2 });
  assert.equal((await ended(one)).status, 'expired');
  assert.equal((await rig.alice.lookup(one.payment_hash)).state, 'CANCELED');
});

test('a withdrawal is paid over the network, and costs amount and route fee', async () => {
  const before = await balance();
  const asked = await must(withdraw(await rig.carol.invoice(2_000_000)), 202);
  const one = await resolved(asked);
  assert.deepEqual([one.status, one.amount_msat, one.fee_msat], ['succeeded', 2_000_000, fee(2_000_000)]);
  assert.deepEqual(await balance(), { available_msat: before.available_msat - 2_000_000 - fee(2_000_000), locked_msat: 0 });
  assert.equal((await rig.carol.lookup(one.payment_hash)).state, 'SETTLED');
});

test('a route at the fee limit is used; one above it is not, and is released', async () => {
  const before = await balance();
  const bolt11 = await rig.carol.invoice(3_000_000);
  const refused = await resolved(await must(withdraw(bolt11, { max_fee_msat: fee(3_000_000) - 1 }), 202));
  assert.deepEqual([refused.status, refused.reason], ['failed', 'FAILURE_REASON_NO_ROUTE']);
  assert.deepEqual(await balance(), before);
  // The same invoice again is a new withdrawal, and is not mistaken for the node's record of the first.
  const paid = await resolved(await must(withdraw(bolt11, { max_fee_msat: fee(3_000_000) }), 202));
  assert.deepEqual([paid.status, paid.fee_msat], ['succeeded', fee(3_000_000)]);
  assert.notEqual(paid.id, refused.id);
  assert.equal((await balance()).available_msat, before.available_msat - 3_000_000 - fee(3_000_000));
});

test('without a route the amount is released', async () => {
  const before = await balance();
  const one = await resolved(await must(withdraw(await rig.carol.invoice(500)), 202));  // below what a channel carries
  assert.deepEqual([one.status, one.reason], ['failed', 'FAILURE_REASON_NO_ROUTE']);
  assert.deepEqual(await balance(), before);
});

test('an invoice without an amount is paid with the requested amount', async () => {
  const one = await resolved(await must(withdraw(await rig.carol.invoice(0), { amount_msat: 1_234_000 }), 202));
  assert.equal(one.status, 'succeeded');
  assert.equal((await rig.carol.lookup(one.payment_hash)).amt_paid_msat, '1234000');
});

test('the node’s own invoice is rejected before anything is locked', async () => {
  const before = await balance();
  assertError(await withdraw((await charge(10_000)).bolt11), 422, 'self_payment');
  assert.deepEqual(await balance(), before);
});

test('of two concurrent withdrawals for one invoice one is created', async () => {
  const before = await balance();
  const bolt11 = await rig.carol.invoice(1_000_000);
  const answers = await Promise.all([withdraw(bolt11), withdraw(bolt11), withdraw(bolt11)]);
  const made_ = answers.filter(({ status }) => status === 202);
  assert.equal(made_.length, 1, answers.map(({ text }) => text).join('\n'));
  for (const each of answers) if (each.status === 200) assert.equal(each.json.id, made_[0].json.id);
  for (const each of answers) if (each.status > 202) assertError(each, 409, 'invalid_state');
  await resolved(made_[0].json);
  assert.equal((await balance()).available_msat, before.available_msat - 1_000_000 - fee(1_000_000));
});

for (const end of ['settle', 'cancel']) {
  test(`a held payment stays locked over restarts until the payee decides: ${end}`, async () => {
    const before = await balance();
    const hold = await rig.carol.hold(4_000_000);
    const one = await must(withdraw(hold.bolt11), 202);
    await until('it is held', hold.held);
    const locked = { available_msat: before.available_msat - one.amount_msat - one.max_fee_msat, locked_msat: one.amount_msat + one.max_fee_msat };
    assert.deepEqual(await balance(), locked);
    await shop.kill();
    await rig.kill('alice');
    await rig.revive('alice');
    await shop.start();
    assert.deepEqual(await balance(), locked);
    await hold[end]();
    const last = await resolved(one);
    assert.equal(last.status, end === 'settle' ? 'succeeded' : 'failed', JSON.stringify(last));
    const cost = end === 'settle' ? 4_000_000 + fee(4_000_000) : 0;
    assert.deepEqual(await balance(), { available_msat: before.available_msat - cost, locked_msat: 0 });
  });
}

test('while the node is down no charge is created; payments are credited later', async () => {
  const before = await balance();
  const bolt11 = await rig.carol.invoice(1_000_000);
  const open = await charge(20_000);
  await rig.kill('alice');
  assertError(await live('POST', '/v1/charges', { amount_msat: 1_000 }), 503, 'node_unavailable');
  assertError(await withdraw(bolt11), 503, 'node_unavailable');
  assert.deepEqual(await balance(), before);
  await rig.revive('alice');
  assert.equal((await rig.carol.pay(open.bolt11)).status, 'SUCCEEDED');
  assert.equal((await ended(open)).status, 'paid');
  assert.equal((await balance()).available_msat, before.available_msat + 20_000);
});

test("the balances of the workspace match the node's", () => shop.verify());

test('reconciliation lists differences by payment hash, and the operator’s totals', async () => {
  const found = await shop.reconcile();
  assert.deepEqual(found.differences, []);
  assert.equal(found.charges, (await shop.list('/v1/charges')).length);
  assert.ok(found.withdrawals >= (await shop.list('/v1/withdrawals')).length);
  const totals = async () => {
    const { json } = await live('GET', '/v1/admin/reconciliation?environment=live', undefined, { key: shop.host.env.LNTPAY_OPERATOR_TOKEN });
    return json;
  };
  const { local_balance } = await rig.alice.ask('GET', '/v1/balance/channels');
  const { available_msat } = await balance();
  const all = await totals();
  assert.deepEqual([all.workspaces, all.owed_msat, all.node_msat, all.short_msat], [1, available_msat, Number(local_balance.msat), 0]);
  // An operator deletes a payment at the node.
  const paid = await resolved(await must(withdraw(await rig.carol.invoice(1_000_000)), 202));
  await rig.alice.ask('DELETE', `/v1/payment?payment_hash=${encodeURIComponent(Buffer.from(paid.payment_hash, 'hex').toString('base64'))}`);
  const { differences } = await shop.reconcile();
  assert.deepEqual(differences, [
    { kind: 'not_paid', id: paid.id, payment_hash: paid.payment_hash, status: 'succeeded', node: 'not_found', here_msat: fee(1_000_000), node_msat: 0 },
  ]);
  const { stdout, code } = await command(['node', 'reconcile'], { LNTPAY_API_KEY: shop.key });
  assert.deepEqual([code, JSON.parse(stdout).differences], [1, differences]);
});

test('no secret of the node is in the log, the command line or the files', async () => {
  const secrets = ['receive', 'pay'].map((name) => readFileSync(shop.flags[`lnd-${name}-macaroon`], 'utf8').trim());
  const { pid } = shop.host.child;
  const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8') + readFileSync(`/proc/${pid}/environ`, 'utf8');
  for (const file of ['lntpay.db', 'lntpay.db-wal', 'secrets.json', 'sandbox.env']) {
    const text = readFileSync(join(shop.data, file), 'latin1');
    for (const secret of secrets) assert.ok(!text.includes(secret), file);
  }
  for (const secret of secrets) assert.ok(!shop.host.log().includes(secret) && !command.includes(secret));
});

/// Runs `action` on a host with other flags.
async function with_(changed, without, then) {
  await shop.host.stop();
  await shop.start(changed, without);
  await then();
  await shop.host.stop();
  await shop.start();
}

test('readyz reports the state of the node, with the exact cause if it is not ready', async () => {
  const state = async () => (await live('GET', '/readyz')).json.node.live;
  await until('the node is ready', async () => (await state()).status === 'ready');
  await with_({ 'lnd-certificate': rig.bob.tls_cert }, [], async () => {
    const { status, reason } = await state();
    assert.equal(status, 'unavailable');
    assert.match(reason, /^the node's certificate is refused: [^;]*$/);
  });
  await with_({ 'live-network': 'signet' }, [], async () =>
    assert.deepEqual(await state(), { status: 'another_network', reason: 'the node is on regtest, but live_network is signet' }));
});

test('no wallet, locked wallet, starting node: distinct, and no charge', async () => {
  const node = await walletlessNode(rig);
  const cause = async () => {
    const answer = await shop.askCharge(1_000);
    assertError(answer, 503, 'node_unavailable');
    return answer.json.error.message;
  };
  const charges = (await shop.list('/v1/charges')).length;
  try {
    await node.start('NON_EXISTING');
    await with_({ 'lnd-url': node.rest, 'lnd-certificate': node.tls_cert }, [], async () => {
      const state = async () => (await live('GET', '/readyz')).json.node.live;
      assert.match(await cause(), /no wallet/);
      assert.deepEqual(await state(), { status: 'unavailable', reason: 'the node has no wallet yet' });
      const password = Buffer.from('a password').toString('base64');
      const { cipher_seed_mnemonic } = await node.ask('GET', '/v1/genseed');
      await node.ask('POST', '/v1/initwallet', { wallet_password: password, cipher_seed_mnemonic });
      await node.kill();
      await node.start('LOCKED');
      assert.match(await cause(), /wallet is locked/);
      await until('readyz reports it', async () => (await state()).reason === 'the node’s wallet is locked'.replace('’', "'"));
      const { results } = await doctor({ ...shop.flags, 'lnd-url': node.rest, 'lnd-certificate': node.tls_cert });
      assert.match(results.state, /^failed: LOCKED: the wallet is locked/);
      const heard = new Set();
      await node.ask('POST', '/v1/unlockwallet', { wallet_password: password });
      // Until it serves, it is starting; then it checks macaroons, and this one is another node's.
      await until('it serves', async () => heard.add(await cause()) && [...heard].some((each) => /does not accept the macaroon/.test(each)));
      assert.ok([...heard].some((each) => /is starting|wallet is locked/.test(each)), [...heard].join('\n'));
    });
  } finally {
    await node.kill();
  }
  assert.equal((await shop.list('/v1/charges')).length, charges);
});

test('readyz shows what the node can receive to authorized callers only', async () => {
  const receivable = async (key) => (await live('GET', '/readyz', undefined, { key })).json.node.live_receivable;
  const { channels } = await rig.alice.ask('GET', '/v1/channels?active_only=true');
  const there = channels.reduce((sum, each) => sum + Number(each.remote_balance) - Number(each.remote_chan_reserve_sat), 0) * 1_000;
  const shown = await receivable(shop.key);
  assert.deepEqual(shown, { capacity_msat: there, smallest_msat: 1_000 });
  assert.deepEqual(await receivable(shop.host.env.LNTPAY_OPERATOR_TOKEN), shown);
  for (const key of [null, shop.host.env.LNTPAY_API_KEY, 'lnt_live_nonsense']) assert.equal(await receivable(key), undefined);
  // Correct: bob forwards nothing smaller.
  const small = await charge(999);
  assert.equal((await rig.carol.pay(small.bolt11)).status, 'FAILED');
  assert.equal((await rig.carol.pay((await charge(1_000)).bolt11)).status, 'SUCCEEDED');
});

test('a node with another certificate gets no macaroon; a pinned key is enough', async () => {
  await with_({ 'lnd-certificate': rig.bob.tls_cert }, [], async () => assertError(await shop.askCharge(1_000), 503, 'node_unavailable'));
  for (const [node, status] of [[rig.bob, 503], [rig.alice, 201]]) {
    const der = new X509Certificate(readFileSync(node.tls_cert)).publicKey.export({ type: 'spki', format: 'der' });
    const pin = `sha256//${createHash('sha256').update(der).digest('base64')}`;
    await with_({ 'lnd-public-key': pin }, ['lnd-certificate'], async () => assert.equal((await shop.askCharge(1_000)).status, status));
  }
});

test('a macaroon that lacks a right creates no charge; the error names the right', async () => {
  for (const [macaroon, cause] of [
    [shop.flags['lnd-pay-macaroon'], /does not allow/],
    [(await flagsFor(rig, rig.bob))['lnd-receive-macaroon'], /does not accept/],
  ]) {
    await with_({ 'lnd-receive-macaroon': macaroon }, [], async () => {
      const answer = await shop.askCharge(1_000);
      assertError(answer, 503, 'node_unavailable');
      assert.match(answer.json.error.message, cause);
    });
  }
});

/// { code, stdout, stderr }
function command(words, env = {}) {
  const where = { LNTPAY_BASE_URL: `${shop.host.url}/v1`, LNTPAY_OPERATOR_TOKEN: shop.host.env.LNTPAY_OPERATOR_TOKEN };
  return new Promise((done) =>
    execFile(program, words, { env: { ...process.env, ...where, ...env } }, (error, stdout, stderr) => done({ code: error?.code ?? 0, stdout, stderr })),
  );
}

doctorCases(() => ({ rig, shop }));

test("a gate on a real node: a payment's preimage opens one request", async () => {
  const before = await balance();
  const gate = await must(live('POST', '/v1/gates', { price_sats: 21, match: { method: 'GET', path: '/reports/*' } }));
  const ask = (what, credential) => shop.host.api('GET', `/gate/${gate.id}/${what}`, undefined, {
    key: null,
    headers: { 'x-forwarded-method': 'GET', 'x-forwarded-uri': '/reports/7', ...(credential && { authorization: credential }) },
  });
  const refused = await ask('challenge');
  assert.equal(refused.status, 402, refused.text);
  const paid = await rig.carol.pay(refused.json.invoice);
  assert.equal(paid.status, 'SUCCEEDED');
  const [, token] = /token="([^"]+)"/.exec(refused.headers.get('www-authenticate'));
  const credential = `L402 ${token}:${paid.payment_preimage}`;
  assert.equal((await ask('authorize', credential)).status, 204);
  assert.equal((await ask('authorize', credential)).status, 401);
  const [charge_of_gate] = (await live('GET', `/v1/charges?external_id=${gate.id}`)).json.data;
  assert.equal((await ended(charge_of_gate)).status, 'paid');
  assert.equal((await balance()).available_msat, before.available_msat + 21_000);
});

test('an expired charge cannot be paid', async () => {
  const one = await charge(10_000, { expires_in: 2 });
  assert.equal((await ended(one)).status, 'expired');
  const before = await balance();
  await assert.rejects(rig.carol.pay(one.bolt11), /invoice expired/);
  // Not even by a payer that ignores the expiry.
  const late = await rig.carol.payAmount(one.bolt11, 10_000);
  assert.deepEqual([late.status, late.failure_reason], ['FAILED', 'FAILURE_REASON_INCORRECT_PAYMENT_DETAILS']);
  assert.equal((await live('GET', `/v1/charges/${one.id}`)).json.status, 'expired');
  assert.deepEqual(await balance(), before);
});

test('charges, the stream, withdrawals and doctor work behind a node-proxy', async () => {
  const { flags } = shop;
  const proxy = await startNodeProxy(flags, join(shop.data, 'node-proxy'));
  try {
    const through = { 'lnd-url': proxy.url, 'lnd-receive-macaroon': proxy.receive_file, 'lnd-pay-macaroon': proxy.pay_file };
    const { 'lnd-certificate': _, ...others } = flags;
    const { code, results, text } = await doctor({ ...others, ...through });
    assert.deepEqual([code, Object.entries(results).filter(([, each]) => !each.startsWith('ok'))], [0, []], text);
    const swapped = await doctor({ ...others, ...through, 'lnd-pay-macaroon': through['lnd-receive-macaroon'] });
    assert.match(swapped.results['lnd-pay SendPaymentV2'], /^failed: --lnd-pay-macaroon: permission denied: the node-proxy lets no such call/);
    await with_(through, ['lnd-certificate'], async () => {
      const before = (await balance()).available_msat;
      const one = await charge(2_000_000);
      await rig.carol.pay(one.bolt11);
      const began = performance.now();
      assert.equal((await ended(one)).status, 'paid');
      assert.ok(performance.now() - began < 1_500);  // the stream: the first poll is 2 s after the charge was made
      const out = await resolved(await must(withdraw(await rig.carol.invoice(1_000_000)), 202));
      assert.deepEqual([out.status, out.fee_msat], ['succeeded', fee(1_000_000)]);
      const refused = await resolved(await must(withdraw(await rig.carol.invoice(1_000_000), { max_fee_msat: 1 }), 202));
      assert.deepEqual([refused.status, refused.reason], ['failed', 'FAILURE_REASON_NO_ROUTE']);
      assert.equal((await balance()).available_msat, before + 2_000_000 - 1_000_000 - fee(1_000_000));
    });
  } finally {
    proxy.stop();
  }
});

test('after an operator reports a restored node, earlier sends await their decision', async () => {
  const hold = await rig.carol.hold(1_000_000);
  const one = await must(withdraw(hold.bolt11), 202);
  await until('it is held', hold.held);
  const said = await command(['node', 'restored', '--evidence', 'a rehearsal']);
  assert.deepEqual([said.code, JSON.parse(said.stdout).restores], [0, 1], said.stderr);
  const reviewed = await must(live('POST', `/v1/withdrawals/${one.id}/reconcile`), 200);
  assert.deepEqual([reviewed.status, /restored/.test(reviewed.reason)], ['needs_review', true]);
  await hold.cancel();
  await until('the node reports failed', async () => (await rig.alice.payment(one.payment_hash)).status === 'FAILED');
  assert.equal((await must(live('POST', `/v1/withdrawals/${one.id}/reconcile`), 200)).status, 'needs_review');
  // New sends follow the usual rules.
  assert.equal((await resolved(await must(withdraw(await rig.carol.invoice(1_000_000)), 202))).status, 'succeeded');
});
