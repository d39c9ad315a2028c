// Hosts that cannot pin a certificate, on a real node behind `lntpay node-proxy`: stock wasmtime serve, and Workers on workerd.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertError, until } from '../e2e/lib.mjs';
import { startServes } from '../e2e/lib_wasmtime.mjs';
import { startWorkerd } from '../e2e/lib_workerd.mjs';
import { fee, flagsFor, requireGo, startNodeProxy, startRig, use } from './lnd_rig.mjs';

await requireGo();

let rig, proxy, settings;
before(async () => {
  rig = await startRig('edges');
  proxy = await startNodeProxy(await flagsFor(rig, rig.alice), join(rig.folder, 'node-proxy'));
  settings = {
    LNTPAY_LIVE_NETWORK: 'regtest',
    LNTPAY_LND_URL: proxy.url,
    LNTPAY_LND_RECEIVE_TOKEN: proxy.token('receive'),
    LNTPAY_LND_PAY_TOKEN: proxy.token('pay'),
  };
});
after(async () => {
  proxy?.stop();
  await rig?.stop();
});

/// Each yields a shop, a function that stops it, and whether its runtime never repeats a request.
const hosts = {
  async 'wasmtime serve'() {
    const serves = await startServes({ env: settings });
    // The deployment's timer.
    const timer = setInterval(() => serves.tick().catch(() => {}), 500);
    return { shop: use({ host: serves, key: serves.keys.live }, rig.alice), stop: () => (clearInterval(timer), serves.stop()), once: true };
  },
  async workerd() {
    const host = await startWorkerd({ bindings: settings });
    return { shop: use({ host, key: host.keys.live }, rig.alice), stop: () => host.stop(), once: false };
  },
};

for (const [name, start] of Object.entries(hosts)) {
  test(`${name}: charges and withdrawals over the node; the balances match the node's`, async (t) => {
    const { shop, stop, once } = await start();
    t.after(stop);
    const { charge, ended, withdraw, resolved, balance, must, live } = shop;
    const ready = await live('GET', '/readyz');
    assert.equal(ready.status, 200, ready.text);

    const one = await charge(5_000_000);
    assert.equal((await rig.alice.lookup(one.payment_hash)).state, 'OPEN');
    assert.equal((await rig.carol.pay(one.bolt11)).status, 'SUCCEEDED');
    assert.deepEqual([(await ended(one)).status, (await balance()).available_msat], ['paid', 5_000_000]);

    const out = await resolved(await must(withdraw(await rig.carol.invoice(1_000_000)), 202));
    assert.deepEqual([out.status, out.fee_msat], ['succeeded', fee(1_000_000)]);
    assert.equal((await balance()).available_msat, 5_000_000 - 1_000_000 - fee(1_000_000));

    // Without a route the amount is released at once; if the request could be repeated, only after the invoice has expired.
    const refused = await must(withdraw(await rig.carol.invoice(1_000_000), { max_fee_msat: 1 }), 202);
    if (once) {
      assert.equal((await resolved(refused)).status, 'failed');
    } else {
      await until('the node gave it up', async () => (await rig.alice.payment(refused.payment_hash).catch(() => ({}))).status === 'FAILED');
      await sleep(2_000);
      assert.match((await live('GET', `/v1/withdrawals/${refused.id}`)).json.status, /^(dispatched|unknown)$/);
    }
    const locked_msat = once ? 0 : 1_000_001;
    assert.equal((await balance()).locked_msat, locked_msat);

    const hold = await rig.carol.hold(500_000);
    const held = await must(withdraw(hold.bolt11), 202);
    await until('it is held', hold.held);
    assert.ok((await balance()).locked_msat >= locked_msat + 500_000);
    await hold.settle();
    assert.equal((await resolved(held)).status, 'succeeded');
    await shop.verify({ locked_msat });
  });
}

test('wasmtime serve: an unreachable node creates no charge; payments follow', async (t) => {
  const { shop, stop } = await hosts['wasmtime serve']();
  t.after(stop);
  const { charge, ended, askCharge, balance } = shop;
  const one = await charge(70_000, { expires_in: 3_600 });
  await rig.kill('alice');
  assertError(await askCharge(1_000), 503, 'node_unavailable');
  await rig.revive('alice');
  await until('it is paid', async () => (await rig.carol.pay(one.bolt11).catch(() => ({}))).status === 'SUCCEEDED', 60_000);
  assert.equal((await ended(one)).status, 'paid');
  assert.equal((await balance()).available_msat, 70_000);
});
