// The part `webhooks` of `make bench`: how soon the webhook of a settlement arrives, how many deliveries a second the host makes,
// and how long the queue of a dead endpoint delays another one. On `lntpay serve`: component, SQLite.
//
//   WINDOW_S=15                          seconds of settlements, without and with dead endpoints
//   DUE=100000                           due deliveries of the dead endpoint
import { Agent } from 'node:http';
import { call, sleep, startHost } from '../e2e/lib_process.mjs';
import { figure } from './figures.mjs';
import { cpuMs } from './machine.mjs';
import { expect, newWorkspace, quantile, repeat, startHelper } from './rig.mjs';

const window_s = Number(process.env.WINDOW_S ?? 15);
const due = Number(process.env.DUE ?? 100_000);
const settled_a_second = 200;
const probes_a_second = 20;
const probe_s = 10;
const workspaces = 8;
const dead_workspaces = 5;
const endpoints_max = 20;  // of a workspace
const endpoints = 8;
const events_each = 5_000;
const give_up_ms = 10_000;
const args = ['--rate-limit', '100000000/1'];

const say = (text) => process.stderr.write(`webhooks: ${text}\n`);
const now_ms = () => Number(process.hrtime.bigint()) / 1e6;  // the receiver's clock
const p50 = (took) => quantile(took, 0.5);
const p99 = (took) => quantile(took, 0.99);
const cpuOf = ({ pid }) => {
  const { user, system } = cpuMs(pid);
  return user + system;
};
const round = (ms) => Number(ms.toPrecision(4));

/// A client of one key, with connections of its own.
function client(host, key) {
  const agent = new Agent({ keepAlive: true });
  return (status, method, path, body) => expect(status, call(host.url + path, { method, key, body, agent }));
}
const newCharge = (send) => send(201, 'POST', '/v1/charges', { amount_sats: 21, expires_in: 86_400 });
const newEndpoint = (send, url, type) => send(201, 'POST', '/v1/webhook_endpoints', { url, event_types: [type] });
const newClients = async (host, count) => {
  const keys = [];
  while (keys.length < count) keys.push((await newWorkspace(host, 'webhooks')).test);
  return keys.map((key) => client(host, key));
};

// --- From the settlement to the wire ------------------------------------------------------------------------------------

/// Pays charges at a fixed rate, however long the responses take. `took`: the milliseconds from sending each request to pay until
/// its webhook is received, give_up_ms if it is not; `paid`: until its response; `host_busy`: how many cores the host used.
async function settle(host, receiver, clients, a_second, seconds) {
  const count = a_second * seconds;
  const charges = [];
  await repeat(count, async (i) => (charges[i] = (await newCharge(clients[i % clients.length])).id));
  await receiver.send('record');
  const sent_at = new Map();
  const paid = [];
  const payments = [];
  const cpu_before = cpuOf(host);
  const began = now_ms();
  while (sent_at.size < count) {
    const asked = Math.min(count, ((now_ms() - began) / 1_000) * a_second);
    for (let i = sent_at.size; i < asked; ++i) {
      const at = now_ms();
      sent_at.set(charges[i], at);
      const payment = clients[i % clients.length](200, 'POST', `/v1/sandbox/charges/${charges[i]}/pay`, {});
      payments.push(payment.then(() => paid.push(now_ms() - at)));
    }
    await sleep(1);
  }
  const lasted_s = (now_ms() - began) / 1_000;
  const host_busy = (cpuOf(host) - cpu_before) / 1_000 / lasted_s;
  await Promise.all(payments);
  for (const until = now_ms() + give_up_ms; now_ms() < until && (await receiver.send('recorded')) < count; ) await sleep(50);
  const arrived = new Map(await receiver.send('arrivals'));
  const took = charges.map((id) => (arrived.has(id) ? arrived.get(id) - sent_at.get(id) : give_up_ms));
  return { took, paid, host_busy, a_second: count / lasted_s, lost: charges.filter((id) => !arrived.has(id)).length };
}

export function reportSettled(what, { took, paid, a_second, lost, host_busy }, max) {
  figure(`webhooks: settled to received, p50${what}`, p50(took), 'ms', { host_busy: Number(host_busy.toFixed(2)) });
  const more = { max_ms: round(Math.max(...took)), settled_a_second: round(a_second), lost, paid_p99_ms: round(p99(paid)) };
  figure(`webhooks: settled to received, p99${what}`, p99(took), 'ms', { target: { max }, ...more });
}

async function benchSettled(receiver, urls) {
  const host = await startHost({ args });
  const clients = await newClients(host, workspaces);
  for (const send of clients) await newEndpoint(send, urls.fast, 'charge.paid');
  await settle(host, receiver, clients, settled_a_second, 1);  // warm
  say(`${settled_a_second} settlements a second, ${window_s} s`);
  reportSettled('', await settle(host, receiver, clients, settled_a_second, window_s), 50);

  say(`the same with ${dead_workspaces * endpoints_max} dead endpoints`);
  const dead = await newClients(host, dead_workspaces);
  for (const send of dead) await repeat(endpoints_max, (i) => newEndpoint(send, `${urls.hanging}${i}`, 'charge.created'));
  await repeat(dead_workspaces * 40, (i) => newCharge(dead[i % dead.length]));
  await sleep(3_000);
  let going = true;
  const events = Promise.all(dead.map(async (send) => {
    for (; going; await sleep(1_000)) await newCharge(send);
  }));
  const measured = await settle(host, receiver, clients, settled_a_second, window_s);
  say(`${await receiver.send('open')} attempts hang at the end`);
  reportSettled(', 100 dead endpoints', measured, 100);
  going = false;
  await events;
  await host.stop();
}

// --- Deliveries a second ------------------------------------------------------------------------------------------------

const lastSeq = async (send) => (await send(200, 'GET', '/v1/events?order=desc&limit=1')).data[0]?.seq ?? 0;

/// Creates charges until the workspace has that many events.
async function fill(putLoad, host, key, send, events) {
  for (let seq = await lastSeq(send); seq < events; seq = await lastSeq(send)) {
    const seconds = Math.max(2, Math.min(10, Math.ceil((events - seq) / 3_000)));
    const load = await putLoad({ script: 'charges.lua', url: host.url, env: { KEY: key } }, seconds);
    if (load.refused || load.broken) throw new Error(`charges: ${JSON.stringify(load)}`);
    if (events > 20_000) say(`${await lastSeq(send)} of ${events} events`);
  }
}

/// Starts the recovery of all events for each endpoint, and waits until all are queued; yields how many.
async function queueAll(send, ids) {
  const since = '2020-01-01T00:00:00Z';
  for (const id of ids) await send(202, 'POST', `/v1/webhook_endpoints/${id}/recover`, { since });
  for (let told_at = now_ms(); ; await sleep(200)) {
    const all = [];
    for (const id of ids) all.push(await send(200, 'GET', `/v1/webhook_endpoints/${id}/recovery`));
    const queued = all.reduce((sum, each) => sum + each.queued, 0);
    if (all.every(({ status }) => status === 'done')) return queued;
    if (now_ms() - told_at > 5_000) {
      told_at = now_ms();
      say(`${queued} deliveries queued`);
    }
  }
}

/// `cpu_ms`: of the host.
export function reportRate({ count, ms, cpu_ms, receiver_cpu_ms }) {
  const more = { deliveries: count, receiver_busy: Number((receiver_cpu_ms / ms).toFixed(2)) };
  figure(`webhooks: deliveries a second, ${endpoints} endpoints`, count / (ms / 1_000), '/s', { target: { min: 5_000 }, ...more });
  figure('webhooks: CPU time of a delivery', (cpu_ms * 1_000) / count, 'us', { target: { max: 150 } });
}

async function benchRate(putLoad, receiver, urls) {
  const alone = await putLoad({ script: 'charges.lua', url: urls.fast, env: { KEY: 'none' } }, 2);
  figure('webhooks: the receiver alone, requests a second', alone.requests / (alone.duration_us / 1e6), '/s');
  const host = await startHost({ args });
  const { test: key } = await newWorkspace(host, 'many deliveries');
  const send = client(host, key);
  await fill(putLoad, host, key, send, events_each);
  // The receiver holds the first responses, so that the queues fill before deliveries are made.
  await receiver.send('hold');
  const ids = [];
  while (ids.length < endpoints) ids.push((await newEndpoint(send, `${urls.fast}${ids.length}`, 'charge.created')).id);
  const count = await queueAll(send, ids);
  say(`${count} deliveries`);
  // The last tenth is not measured: an attempt that waited longer than 15 s for the release is retried seconds later.
  const measured = Math.floor(count * 0.9);
  const before = [cpuOf(host), cpuOf(receiver)];
  const began = await receiver.send('release');
  const ended = await receiver.send('reached', measured, 120_000);
  const after = [cpuOf(host), cpuOf(receiver)];
  if (ended === null) throw new Error(`fewer than ${measured} deliveries within two minutes`);
  const all = await receiver.send('reached', count, 60_000);
  if (all === null) throw new Error(`fewer than ${count} deliveries within three minutes`);
  reportRate({ count: measured, ms: ended - began, cpu_ms: after[0] - before[0], receiver_cpu_ms: after[1] - before[1] });
  await host.stop();
}

// --- A long queue -------------------------------------------------------------------------------------------------------

export function reportDelay(before, during, count) {
  const both = (of) => [round(of(before)), round(of(during))];
  const more = { due: count, p99_ms: both(p99), p50_ms: both(p50), max_ms: both((took) => Math.max(...took)) };
  const name = 'webhooks: delay by the due deliveries of a dead endpoint, p99';
  figure(name, p99(during) - p99(before), 'ms', { target: { max: 100 }, ...more });
}

async function benchDelay(putLoad, receiver, urls) {
  const host = await startHost({ args });
  const { test: key } = await newWorkspace(host, 'a long queue');
  const send = client(host, key);
  await newEndpoint(send, urls.fast, 'charge.paid');
  await fill(putLoad, host, key, send, due);
  const before = await settle(host, receiver, [send], probes_a_second, probe_s);
  const dead = await newEndpoint(send, urls.hanging, 'charge.created');
  const count = await queueAll(send, [dead.id]);
  say(`${count} due deliveries of a dead endpoint`);
  const during = await settle(host, receiver, [send], probes_a_second, probe_s);
  reportDelay(before.took, during.took, count);
  await host.stop();
}

export async function benchWebhooks(putLoad) {
  const receiver = await startHelper('webhooks_receiver.mjs');
  const urls = await receiver.send('where');
  await benchSettled(receiver, urls);
  await benchRate(putLoad, receiver, urls);
  await benchDelay(putLoad, receiver, urls);
  await receiver.stop();
}
