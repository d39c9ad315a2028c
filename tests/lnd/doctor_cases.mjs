// Cases of live.test.mjs: `lntpay doctor` on real nodes, and where the node's settings come from.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { program } from '../../examples/pay-per-request/sandbox.mjs';
import { args } from './lnd_rig.mjs';

/// The output of `lntpay doctor` with these flags: { code, results: { check: "result: text" }, text }.
export function doctor(flags, env = {}) {
  return new Promise((done) =>
    execFile(program, ['doctor', ...args(flags)], { env: { ...process.env, ...env } }, (error, stdout, stderr) => {
      const rows = stdout ? JSON.parse(stdout) : [];
      const results = Object.fromEntries(rows.map((row) => [row.check, `${row.result}: ${row.detail}`]));
      done({ code: error?.code ?? 0, results, text: stdout + stderr });
    }),
  );
}

/// `place` yields the rig and the shop once they are open.
export function doctorCases(place) {
  test('doctor passes a healthy node, creates nothing there, and shows no secret', async () => {
    const { rig, shop } = place();
    const count = async () => (await rig.alice.ask('GET', '/v1/invoices?num_max_invoices=1&reversed=true')).last_index_offset;
    const before = await count();
    const { code, results, text } = await doctor(shop.flags);
    assert.deepEqual(Object.entries(results).filter(([, each]) => !each.startsWith('ok')), [], text);
    assert.equal(code, 0);
    assert.match(results.identity, new RegExp(rig.alice.pubkey));
    assert.match(results.inbound, /^ok: \d{6,} sat$/);
    assert.equal(await count(), before);
    assert.ok(!text.includes(readFileSync(shop.flags['lnd-pay-macaroon'], 'utf8').trim()));
  });

  test('doctor lists what to fix', async () => {
    const { rig, shop } = place();
    const admin = join(shop.data, 'admin.macaroon');
    writeFileSync(admin, rig.alice.macaroon, { mode: 0o600 });
    const lacking = join(shop.data, 'lacking.macaroon');
    writeFileSync(lacking, await rig.bake('alice', ['lnrpc.Lightning/GetInfo', 'lnrpc.Lightning/ChannelBalance']), { mode: 0o600 });
    const { 'lnd-pay-macaroon': _, ...receiving } = shop.flags;
    const cases = [
      [{ 'lnd-certificate': rig.bob.tls_cert }, 1, 'reach', /^failed: .*certificate is refused: .*SHA-256 .*--lnd-certificate is .*SHA-256 /],
      [{ 'lnd-url': 'https://127.0.0.1:1' }, 1, 'reach', /^failed: .*--lnd-url/],
      [{ 'live-network': 'bitcoin' }, 1, 'network', /^failed: the node is on regtest, but --live-network is bitcoin\./],
      [{ 'lnd-receive-macaroon': lacking }, 1, 'lnd-receive AddInvoice', /lacks uri:\/lnrpc.Lightning\/AddInvoice/],
      [{ 'lnd-receive-macaroon': lacking }, 1, 'lnd-receive SubscribeInvoices', /lacks uri:/],
      [{ 'lnd-pay-macaroon': lacking }, 1, 'lnd-pay SendPaymentV2', /lacks uri:\/routerrpc.Router\/SendPaymentV2/],
      [{ 'lnd-receive-macaroon': admin }, 0, 'receiving cannot pay', /^warning: /],
    ];
    for (const [changed, code, check, pattern] of cases) {
      const found = await doctor({ ...shop.flags, ...changed });
      assert.match(found.results[check] ?? '', pattern, found.text);
      assert.equal(found.code, code, found.text);
    }
    assert.match((await doctor(receiving)).results.paying, /^warning: no --lnd-pay-macaroon/);
    const missing = await doctor({ ...shop.flags, 'lnd-pay-macaroon': '/nowhere' });
    assert.deepEqual([missing.code, missing.text], [2, 'lntpay: --lnd-pay-macaroon: /nowhere: No such file or directory\n']);
  });

  test('the node is configured by flags, environment or file, in this order', async () => {
    const { shop } = place();
    const config = join(shop.data, 'config.json');
    const members = Object.entries(shop.flags).map(([name, value]) => [name.replaceAll('-', '_'), value]);
    writeFileSync(config, JSON.stringify({ ...Object.fromEntries(members), listen: '127.0.0.1:8402' }));
    const environment = Object.fromEntries(members.map(([name, value]) => [`LNTPAY_${name.toUpperCase()}`, value]));
    assert.equal((await doctor({ config })).code, 0);
    assert.equal((await doctor({}, environment)).code, 0);
    const network = async (flags, env) => (await doctor(flags, env)).results.network;
    assert.match(await network({ config }, { LNTPAY_LIVE_NETWORK: 'signet' }), /--live-network is signet\. Correct the flag or the node$/);
    assert.equal(await network({ config, 'live-network': 'regtest' }, { LNTPAY_LIVE_NETWORK: 'signet' }), 'ok: regtest');
  });
}
