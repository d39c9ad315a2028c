// The part `lnd` of `make bench`: charges and payments on real nodes, compared with lnd alone.
import { flagsFor, hasGo, openShop, startRig } from '../lnd/lnd_rig.mjs';
import { figure } from './figures.mjs';

const payments = 60;
const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
const aSecond = ({ requests, duration_us }) => requests / (duration_us / 1e6);

/// The time from the node's settlement until a long poll of the charge returns, with the balance credited and durable.
async function settlement(rig, shop) {
  const took = [];
  for (let i = 0; i < payments; ++i) {
    const charge = await shop.charge(10_000, { expires_in: 3_600 });
    const settled = rig.alice.settled(charge.payment_hash).then(() => performance.now());
    const paid = shop.ended(charge).then(() => performance.now());
    await rig.carol.pay(charge.bolt11);
    took.push((await paid) - (await settled));
  }
  return took.sort((a, b) => a - b);
}

/// Alternates between the two, so that other load on the machine affects both alike.
async function rates(rig, shop, wrk, seconds) {
  const ours = { script: 'charges.lua', url: shop.host.url, env: { KEY: shop.key } };
  const lnds = { script: 'invoices.lua', url: rig.alice.rest, env: { MACAROON: rig.alice.macaroon } };
  const runs = { ours: [], lnds: [] };
  for (let i = 0; i < 3; ++i) {
    runs.ours.push(await wrk(ours, seconds));
    runs.lnds.push(await wrk(lnds, seconds));
  }
  for (const run of [...runs.ours, ...runs.lnds]) if (run.refused || run.broken) throw new Error(JSON.stringify(run));
  const best = (all) => all.reduce((a, b) => (aSecond(a) > aSecond(b) ? a : b));
  return { ours: best(runs.ours), lnds: best(runs.lnds) };
}

/// `wrk({ script, url, env }, seconds)` puts load on a server.
export async function benchLnd(wrk, seconds) {
  if (!(await hasGo())) return process.stderr.write('bench: Go is missing, so the figures of lnd are skipped\n');
  const rig = await startRig('bench');
  try {
    const shop = await openShop(rig, rig.alice, await flagsFor(rig, rig.alice), { rate_limit: '100000000/1' });
    try {
      const took = await settlement(rig, shop);
      figure('lnd: from the node’s settlement to the credited balance, p50', at(took, 0.5), 'ms', { payments });
      figure('lnd: the same, p99', at(took, 0.99), 'ms');
      const { ours, lnds } = await rates(rig, shop, wrk, seconds);
      figure('lnd: charges a second, 32 connections', aSecond(ours), '/s', { p50_ms: ours.p50_us / 1e3, p99_ms: ours.p99_us / 1e3 });
      figure('lnd: its own AddInvoice a second, 32 connections', aSecond(lnds), '/s', { p50_ms: lnds.p50_us / 1e3, p99_ms: lnds.p99_us / 1e3 });
      figure('lnd: charges / its own AddInvoice', aSecond(ours) / aSecond(lnds), 'x', { target: { min: 0.95 } });
    } finally {
      await shop.close();
    }
  } finally {
    await rig.stop();
  }
}
