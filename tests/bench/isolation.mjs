// The part `isolation` of `make bench`: load of some workspaces must not slow the others. Undisturbed windows and windows under the
// load of isolation_load.mjs alternate, so that other work on the machine affects both alike; the figures are their ratios.
//
//   ROUNDS=5 WINDOW_S=8                  rounds of two windows, and the seconds of a window
//   LOAD=silent,hanging,clock,flood      kinds of load, to see which one delays what
import { once } from 'node:events';
import { Agent, createServer } from 'node:http';
import { call, scratchFolder, sleep, startHost } from '../e2e/lib_process.mjs';
import { startStubLnd } from '../e2e/lib_stub_lnd.mjs';
import { figure } from './figures.mjs';
import { metrics } from './machine.mjs';
import { expect, newWorkspace, quantile, startHelper } from './rig.mjs';

const rounds = Number(process.env.ROUNDS ?? 5);
const window_ms = Number(process.env.WINDOW_S ?? 8) * 1_000;
const kinds = (process.env.LOAD ?? 'silent,hanging,clock,flood').split(',');
const flood_a_second = 500;
const charges_of_clock = 20_000;
const hanging_workspaces = 8;  // of 20 endpoints each
/// Workspaces of one probe, in turns: each stays below its rate limit, which is the default one.
const workspaces_each = 12;
const ramp_ms = 2_000;
const give_up_ms = 10_000;
const quiet_ms_max = 40_000;

const say = (text) => process.stderr.write(`isolation: ${text}\n`);
const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);
/// Of all windows of one probe together.
const quantile_of = (share) => (windows) => quantile(windows.flatMap(({ took }) => took), share);
const p99 = quantile_of(0.99);
const p50 = quantile_of(0.5);

/// A receiver of `charge.paid`: { url, arrival(charge) }, where `arrival` resolves when its webhook is here.
async function startReceiver() {
  const awaited = new Map();
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part) => (body += part)).on('end', () => {
      response.end();
      const { id } = JSON.parse(body).data;
      awaited.get(id)?.();
      awaited.delete(id);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const arrival = (id) => new Promise((done) => awaited.set(id, done));
  return { url: `http://127.0.0.1:${server.address().port}/hook`, arrival, stop: () => server.close().closeAllConnections() };
}

/// The measured operations: a fixed rate, and `ask`, which resolves at the end and may yield the time of the beginning.
function probes(host, keys, receiver) {
  // Connections of its own for each: a request never waits for another one's.
  const client = () => {
    const agent = new Agent({ keepAlive: true });
    return (path, more) => call(host.url + path, { timeout_ms: give_up_ms, agent, ...more });
  };
  const [other, live, paid, health] = [client(), client(), client(), client()];
  const charge = (send, key) => expect(201, send('/v1/charges', { method: 'POST', key, body: { amount_sats: 21 } }));
  const turns = new Map();
  function next(list) {  // in turns of its own, so that each workspace of a probe gets the same share
    const turn = turns.get(list) ?? 0;
    turns.set(list, turn + 1);
    return list[turn % list.length];
  }
  return [
    { name: 'another workspace’s charges', a_second: 80, ask: () => charge(other, next(keys.other)) },
    { name: 'live charges on a stub node', a_second: 40, ask: () => charge(live, next(keys.live)) },
    {
      name: 'charge.paid to webhook',
      a_second: 40,
      async ask() {
        const key = next(keys.paid);
        const { id } = await charge(paid, key);
        const began = performance.now();
        const arrived = receiver.arrival(id);
        await expect(200, paid(`/v1/sandbox/charges/${id}/pay`, { method: 'POST', key, body: {} }));
        await arrived;
        return began;
      },
    },
    { name: 'GET /healthz', a_second: 80, ask: () => expect(200, health('/healthz')) },
  ];
}

/// Asks at the probe's rate, however long the responses take. Yields the number `done` within the window, the number `failed`, and
/// the time that each `took`, in ms; a failure took `give_up_ms`.
async function measure({ a_second, ask }) {
  const seen = { done: 0, failed: 0, took: [] };
  const began = performance.now();
  const open = [];
  const one = async () => {
    const asked = performance.now();
    let timer;
    const late = new Promise((_, failed) => (timer = setTimeout(failed, give_up_ms, new Error('late'))));
    try {
      const from = await Promise.race([ask(), late]);
      seen.took.push(performance.now() - (typeof from === 'number' ? from : asked));
      if (performance.now() - began <= window_ms) seen.done += 1;
    } catch (error) {
      if ((seen.failed += 1) === 1) say(`first failure: ${String(error?.message ?? error).slice(0, 300)}`);
      seen.took.push(give_up_ms);
    } finally {
      clearTimeout(timer);
    }
  };
  for (let sent = 0; performance.now() - began < window_ms; await sleep(1)) {
    const due = ((performance.now() - began) / 1_000) * a_second;
    for (; sent < due; ++sent) open.push(one());
  }
  await Promise.all(open);
  return seen;
}
const measureAll = (all) => Promise.all(all.map(measure));

/// Waits until the host has nothing more to do, so that the load does not reach into the next window.
async function quiet(url) {
  const until = performance.now() + quiet_ms_max;
  for (let calm = 0; calm < 10 && performance.now() < until; await sleep(100)) {
    const { lntpay_tasks, lntpay_sessions } = await metrics(url);
    calm = lntpay_tasks + lntpay_sessions <= 1 ? calm + 1 : 0;
  }
}

/// One entry for each window and probe: { done, failed, took }.
export function report(all, quiet_windows, loaded_windows) {
  all.forEach(({ name, a_second }, i) => {
    const [without, during] = [quiet_windows, loaded_windows].map((windows) => windows.map((each) => each[i]));
    const rate = (windows) => sum(windows.map(({ done }) => done)) / ((windows.length * window_ms) / 1_000);
    const both = (of) => [of(without), of(during)].map((value) => Number(value.toPrecision(4)));
    const failed = sum(during.map((each) => each.failed));
    const rates = { asked_a_second: a_second, a_second: both(rate), failed };
    figure(`isolation: ${name}, rate under load / undisturbed`, rate(during) / rate(without), 'x', { target: { min: 0.8 }, ...rates });
    const by_round = without.map((_, round) => Number((p99([during[round]]) / p99([without[round]])).toPrecision(3)));
    const latencies = { p99_ms: both(p99), p50_ms: both(p50), by_round };
    figure(`isolation: ${name}, p99 under load / undisturbed`, p99(during) / p99(without), 'x', { target: { max: 2 }, ...latencies });
  });
}

/// A host with the workspaces of the probes and of the load, without a rate limit: { url, plan: of the load, all: the probes, limit(),
/// stop() }.
async function startRig(name_server) {
  const stub = await startStubLnd(scratchFolder(), { looked_up: 'CANCELED' });
  const receiver = await startReceiver();
  const args = ['--name-servers', name_server, ...stub.args];
  let host = await startHost({ args: [...args, '--rate-limit', '100000000/1'] });
  const make = (name) => newWorkspace(host, name);
  const several = async (name, environment) => {
    const made = await Promise.all(Array.from({ length: workspaces_each }, () => make(name)));
    return made.map((each) => each[environment]);
  };
  const keys = { other: await several('other', 'test'), live: await several('live', 'live'), paid: await several('paid', 'test') };
  const hook = { url: receiver.url, event_types: ['charge.paid'] };
  for (const key of keys.paid) await expect(201, call(`${host.url}/v1/webhook_endpoints`, { method: 'POST', key, body: hook }));
  const plan = { api: `${host.url}/v1`, kinds, flood_a_second, hanging: [] };
  for (const name of ['silent', 'clock', 'flood']) plan[name] = (await make(name)).test;
  while (plan.hanging.length < hanging_workspaces) plan.hanging.push((await make('hanging')).test);
  /// Restarts the host with the default rate limit.
  async function limit() {
    await host.stop();
    host = await startHost({ args, data: host.data, port: Number(new URL(host.url).port) });
  }
  async function stop() {
    await host.stop();
    stub.stop();
    receiver.stop();
  }
  return { url: host.url, plan, all: probes(host, keys, receiver), limit, stop };
}

export async function benchIsolation() {
  const load = await startHelper('isolation_load.mjs');
  const { name_server } = await load.send('where');
  const { url, plan, all, limit, stop } = await startRig(name_server);
  if (kinds.includes('clock')) say(`creating ${charges_of_clock} charges`);
  await load.send('prepare', plan, charges_of_clock);
  await limit();
  say(`${rounds} rounds of two windows of ${window_ms / 1_000} s`);
  await measureAll(all);  // warm
  const [quiet_windows, loaded_windows] = [[], []];
  let loaded;
  for (let round = 1; round <= rounds; ++round) {
    await quiet(url);
    quiet_windows.push(await measureAll(all));
    await load.send('begin');
    await sleep(ramp_ms);
    loaded_windows.push(await measureAll(all));
    loaded = await load.send('end');
    const last = (windows, i) => p99([windows.at(-1)[i]]).toFixed(1);
    const changes = all.map(({ name }, i) => `${name} ${last(quiet_windows, i)} -> ${last(loaded_windows, i)}`);
    say(`round ${round} of ${rounds}: p99 in ms, undisturbed -> under load: ${changes.join('; ')}`);
  }
  const { sent, sent_for_ms, ...more } = loaded;
  const flooded = sent_for_ms ? sent / (sent_for_ms / 1_000) : 0;
  figure('isolation: the load: requests a second of one workspace', flooded, '/s', { kinds, ...more });
  report(all, quiet_windows, loaded_windows);
  await stop();
  await load.stop();
}
