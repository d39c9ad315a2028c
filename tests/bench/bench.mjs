// `make bench`: prints one JSON line per figure, {"figure", "value", "unit", "target", "ok", …}; a table on a terminal. STRICT=1 exits 2
// if a target is missed. The figures are explained, with past results, in docs/performance.md.
//
//   node tests/bench/bench.mjs             all
//   node tests/bench/bench.mjs engine …    parts: bolt11 engine host durable gates api money lnd hosts isolation webhooks
//   LOAD_S=8                             seconds of load per configuration
//   CHARGES=1000000                      charges in the grown stores of `money` and `api` (default: 50,000; a million takes 12 minutes and 6.3 GB)
//   LNTPAY_PROGRAM=…, ENGINE_BENCH=…             builds to measure (default: the release preset)
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { call, freePort, program, root, scratchFolder, sleep, spawnHost, startHost } from '../e2e/lib_process.mjs';
import { benchApi } from './api.mjs';
import { startBareServer } from './bare_server.mjs';
import { cryptoSize } from './component_size.mjs';
import { exitCode, figure, missed, table } from './figures.mjs';
import { benchIsolation } from './isolation.mjs';
import { benchLnd } from './lnd.mjs';
import { cpuMs, environment, fsyncUs, memoryMib, metrics } from './machine.mjs';
import { benchWebhooks } from './webhooks.mjs';

const load_s = Number(process.env.LOAD_S ?? 8);
const connections = 32;
const component = join(dirname(program), 'lntpay.wasm');
const unlimited = ['--rate-limit', '100000000/1'];
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

function run(command, args, options = {}) {
  const done = spawnSync(command, args, { encoding: 'utf8', cwd: root, maxBuffer: 2 ** 26, ...options });
  if (done.status !== 0) throw new Error(`${command} ${args.join(' ')}: ${done.error ?? done.stderr}\n${done.stdout}`);
  return done.stdout;
}

// --- Invoices -----------------------------------------------------------------------------------------------------------

/// Ratios to libsecp256k1's bare call in the same run, which depend little on the machine and its load.
function benchBolt11() {
  const wasm = process.env.WASM_PRESET ?? 'wasm';
  run('cmake/build.sh', ['release', 'bolt11_bench']);
  run('cmake/build.sh', [wasm, 'bolt11_bench', 'lntpay_component']);
  const engines = [
    ['native', [join(root, 'build/release/bolt11_bench')], 1.1],
    ['wasm', [process.execPath, '--no-warnings', join(root, 'edge/component/run_wasi.mjs'), join(root, `build/${wasm}/bolt11_bench.wasm`)], 1.2],
  ];
  for (const [engine, [command, ...args], max] of engines) {
    const us = JSON.parse(run(command, args));
    figure(`bolt11, ${engine}: verified decode / bare recover`, us.decode_ratio, 'x', { target: { max }, decode_us: us.decode_us, recover_us: us.recover_us });
    figure(`bolt11, ${engine}: the same with a route hint of one hop`, us.decode_route_ratio, 'x', { decode_us: us.decode_route_us });
    figure(`bolt11, ${engine}: encode and sign / bare sign`, us.encode_ratio, 'x', { target: { max }, encode_us: us.encode_us, sign_us: us.sign_us });
    figure(`bolt11, ${engine}: decode without the signature`, us.decode_unverified_us, 'us', { target: { max: 3 } });
  }
  const { raw, gzip, of } = cryptoSize(join(root, 'build', wasm));
  figure('component: cryptography', raw / 1024, 'KB', { gzip_kb: Math.round(gzip / 1024), ...of });
}

// --- The engine alone ---------------------------------------------------------------------------------------------------

function benchEngine() {
  const bench = process.env.ENGINE_BENCH ?? join(root, 'build/release/engine_bench');
  if (!process.env.ENGINE_BENCH) run('cmake/build.sh', ['release', 'engine_bench']);
  const folder = scratchFolder();
  const lines = run(bench, [component, folder]).trim().split('\n').map((line) => JSON.parse(line));
  for (const line of lines) {
    if (line.name === 'request') {
      const { request, native_ns, component_ns, steps, effects } = line;
      figure(`engine: ${request}, native`, native_ns / 1_000, 'us', { steps, effects });
      figure(`engine: ${request}, component`, component_ns / 1_000, 'us', { steps, effects });
      figure(`engine: ${request}, component / native`, line.ratio, 'x');
    } else if (line.name === 'pass') {
      figure('engine: a valid pass at a known gate, native', line.native_ns / 1_000, 'us');
      figure('engine: a valid pass at a known gate, component, with arguments and result', line.component_ns / 1_000, 'us');
      figure('engine: … minus the same call without a gate: the check alone', line.check_ns / 1_000, 'us', { target: { max: 5 } });
    } else if (line.name === 'instantiate') {
      figure('component: new instance, configured', line.us, 'us', { p99_us: line.p99_us });
    } else if (line.name === 'load') {
      figure('component: compile', line.compile_us / 1_000, 'ms');
      figure('component: load compiled', line.cached_us / 1_000, 'ms');
    } else if (line.name === 'durable') {
      const { engine, store, batch, engine_us, effects_us, end_batch_us } = line;
      figure(`charge without HTTP: ${engine}, ${store}, batches of ${batch}`, engine_us + effects_us + end_batch_us, 'us', { engine_us, effects_us, end_batch_us });
    }
  }
}

// --- Start and memory ---------------------------------------------------------------------------------------------------

/// From spawn to the first byte of an answer, in ms; connections are tried every half millisecond.
async function firstAnswerMs(data, args) {
  const port = await freePort();
  const from = process.hrtime.bigint();
  const host = spawnHost({ data, port, args });
  const ask = () =>
    new Promise((done) => {
      const socket = connect(port, '127.0.0.1', () => socket.write('GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'));
      socket.once('data', (bytes) => done(bytes.toString().startsWith('HTTP/1.1 200')) || socket.destroy());
      socket.on('error', () => done(false));
    });
  while (!(await ask())) {
    if (host.child.exitCode !== null) throw new Error(`the host did not start: ${host.output()}`);
    await sleep(0.5);
  }
  const ms = Number(process.hrtime.bigint() - from) / 1e6;
  host.child.kill('SIGTERM');
  await host.ended;
  return ms;
}

async function benchStart() {
  const data = scratchFolder();
  const first = await firstAnswerMs(data, []);
  const again = [];
  const native = [];
  for (let i = 0; i < 7; i += 1) {
    again.push(await firstAnswerMs(data, []));
    native.push(await firstAnswerMs(data, ['--engine', 'native']));
  }
  figure('host: start to first answer, compiled code cached', median(again), 'ms', { all_ms: again.map(Math.round) });
  figure('host: start to first answer, very first start', first, 'ms');
  figure('host: start to first answer, native engine', median(native), 'ms');
}

async function openLongPolls(host, id, polls) {
  const port = Number(new URL(host.url).port);
  const asked = `GET /v1/charges/${id}?wait=25 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${host.key}\r\n\r\n`;
  return Promise.all(
    Array.from({ length: polls }, () =>
      new Promise((opened, failed) => {
        const socket = connect(port, '127.0.0.1', () => socket.write(asked, () => opened(poll)));
        const poll = { socket, answer: new Promise((done) => socket.once('data', (bytes) => done(bytes.toString()))) };
        socket.on('error', failed);
      }),
    ),
  );
}

async function benchMemory() {
  const polls_open = 1_000;
  const host = await startHost({ args: unlimited });
  await sleep(1_000);
  const idle = memoryMib(host.pid);
  figure('host: resident memory, idle', idle.resident, 'MiB', { target: { max: 64 }, own_mib: Math.round(idle.own) });
  const charge = await call(`${host.url}/v1/charges`, { method: 'POST', key: host.key, body: { amount_sats: 21 } });
  const polls = await openLongPolls(host, charge.json.id, polls_open);
  let waiting = 0;
  for (let tries = 0; tries < 100 && waiting < polls_open; tries += 1) {
    await sleep(100);
    waiting = (await metrics(host.url)).lntpay_waits;
  }
  if (waiting !== polls_open) throw new Error(`${waiting} of ${polls_open} long polls wait`);
  const full = memoryMib(host.pid);
  figure('host: resident memory, 1,000 long polls', full.resident, 'MiB', { target: { max: 200 }, own_mib: Math.round(full.own) });
  figure('host: memory of one long poll', ((full.own - idle.own) * 1024) / polls_open, 'KiB');
  const from = process.hrtime.bigint();
  await call(`${host.url}/v1/sandbox/charges/${charge.json.id}/pay`, { method: 'POST', key: host.key });
  const answers = await Promise.all(polls.map((poll) => poll.answer));
  figure('host: 1,000 long polls answered after the payment', Number(process.hrtime.bigint() - from) / 1e6, 'ms');
  const paid = answers.filter((answer) => answer.startsWith('HTTP/1.1 200') && answer.includes('"status":"paid"')).length;
  if (paid !== polls_open) throw new Error(`${paid} of ${polls_open} long polls saw the payment`);
  for (const poll of polls) poll.socket.destroy();
  await host.stop();
}

// --- Durable charges ----------------------------------------------------------------------------------------------------

/// Runs wrk as a child process, so that timers continue; yields the report of the script.
function putLoad({ script, url, env }, seconds) {
  return new Promise((done, failed) => {
    const child = spawn('wrk', ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s', '--latency', '-s', join(root, 'tests/bench', script), `${url}/`], {
      env: { ...process.env, ...env },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
    child.on('error', failed);
    child.on('close', () => {
      const line = output.match(/^WRK (.*)$/m);
      if (line) done(JSON.parse(line[1]));
      else failed(new Error(`wrk: ${output}`));
    });
  });
}

const wrk = (url, key, seconds, extra = {}) => putLoad({ script: 'charges.lua', url, env: { KEY: key, ...extra } }, seconds);

const at_least = 1_000;  // "thousands a second"

async function benchCharges(title, { args = [], idempotent = false, targets = {}, durable = true } = {}) {
  const data = scratchFolder();
  const host = await startHost({ args: [...unlimited, ...args], data });
  const extra = { IDEMPOTENT: idempotent ? '1' : '' };
  const quiet_us = durable ? fsyncUs(data) : null;
  await wrk(host.url, host.key, 1, { ...extra, RUN: 'warm' });
  const before = { cpu: cpuMs(host.pid), metrics: await metrics(host.url) };
  const load = await wrk(host.url, host.key, load_s, extra);
  const after = { cpu: cpuMs(host.pid), metrics: await metrics(host.url) };
  if (load.refused || load.broken) throw new Error(`${title}: ${JSON.stringify(load)}`);
  const loaded_us = durable ? fsyncUs(data) : null;
  const listed = await call(`${host.url}/v1/charges?limit=1`, { key: host.key });
  if (listed.json?.data?.length !== 1) throw new Error(`${title}: no charge was created`);
  const memory = memoryMib(host.pid);
  await host.stop();
  const a_second = load.requests / (load.duration_us / 1e6);
  const user = (after.cpu.user - before.cpu.user) / load.requests;
  const system = (after.cpu.system - before.cpu.system) / load.requests;
  const batches = after.metrics.lntpay_batches_durable_total - before.metrics.lntpay_batches_durable_total;
  const more = { p50_ms: load.p50_us / 1_000, p99_ms: load.p99_us / 1_000, charges_per_batch: Number((load.requests / batches).toFixed(1)), resident_mib: Math.round(memory.resident) };
  figure(`charges a second, ${connections} connections: ${title}`, a_second, '/s', { target: targets.rate, ...more });
  figure(`CPU time of a charge: ${title}`, user + system, 'ms', { target: targets.cpu, user_ms: Number(user.toFixed(3)), system_ms: Number(system.toFixed(3)) });
  if (!durable) return;
  const per_fsync = (us) => a_second / (1e6 / us);
  figure(`charges for each fsync of a quiet disk: ${title}`, per_fsync(quiet_us), 'x', { fsync_us: Math.round(quiet_us) });
  figure(`charges for each fsync of the disk after the load: ${title}`, per_fsync(loaded_us), 'x', { fsync_us: Math.round(loaded_us) });
}

async function benchDurable() {
  const targets = { rate: { min: at_least }, cpu: { max: 0.3 } };
  await benchCharges('component, SQLite', { targets });
  await benchCharges('component, SQLite, Idempotency-Key', { idempotent: true });
  await benchCharges('native engine, SQLite', { args: ['--engine', 'native'] });
  await benchCharges('component, memory', { args: ['--store', 'memory'], durable: false });
  await benchCharges('native engine, memory', { args: ['--engine', 'native', '--store', 'memory'], durable: false });
}

// --- Gates --------------------------------------------------------------------------------------------------------------

async function benchGates() {
  const caps = ['--challenges-per-client', '100000000', '--challenges-per-gate', '100000000'];
  const hello = await startBareServer();
  const data = scratchFolder();
  let host = await startHost({ data, args: [...unlimited, ...caps] });
  const gate = async (more) => {
    const body = { price_sats: 21, match: { method: 'GET', path: '/reports/*' }, ...more };
    return (await call(`${host.url}/v1/gates`, { method: 'POST', key: host.key, body })).json.id;
  };
  const load = async (url, target, seconds, authorization = '') => {
    const put = await putLoad({ script: 'gate.lua', url, env: { TARGET: target, ...(authorization && { AUTHORIZATION: authorization }) } }, seconds);
    if (put.broken) throw new Error(`${target}: ${JSON.stringify(put)}`);
    return { ...put, a_second: put.requests / (put.duration_us / 1e6) };
  };
  const bare = await load(hello.url, '/', load_s);
  figure('gates: bare hello server, requests a second', bare.a_second, '/s', { p99_ms: bare.p99_us / 1_000 });
  const measure = async (what, target, authorization, targets, refused, url = host.url) => {
    await load(url, target, 1, authorization);
    const before = cpuMs(host.pid);
    const put = await load(url, target, load_s, authorization);
    const after = cpuMs(host.pid);
    if (put.refused !== (refused ? put.requests : 0)) throw new Error(`${what}: ${JSON.stringify(put)}`);
    const cpu_us = ((after.user + after.system - before.user - before.system) * 1_000) / put.requests;
    figure(`gates: ${what} / bare hello server`, put.a_second / bare.a_second, 'x', { target: targets.ratio, a_second: Math.round(put.a_second) });
    figure(`gates: ${what}, CPU of the host`, cpu_us, 'us', { target: targets.cpu });
    figure(`gates: ${what}, p99`, put.p99_us / 1_000, 'ms', { target: targets.p99 });
    return put.a_second;
  };
  const timed = await gate({ mode: 'pass', ttl_seconds: 3_600 });
  const ask = (target) => fetch(`${host.url}${target}`, { headers: { 'x-original-method': 'GET', 'x-original-uri': '/reports/7' } });
  const offer = (await ask(`/gate/${timed}/challenge`)).headers.get('www-authenticate');
  const [, token, bolt11] = /macaroon="([^"]+)", invoice="([^"]+)"/.exec(offer);
  const paid = await call(`${host.url}/v1/sandbox/wallet/pay`, { method: 'POST', key: host.key, body: { bolt11 } });
  const pass = `L402 ${token}:${paid.json.preimage}`;
  await measure('authorized with a timed pass', `/gate/${timed}/authorize`, pass, { ratio: { min: 0.33 }, cpu: { max: 45 } }, false);
  await measure('402 challenges', `/gate/${await gate({})}/challenge`, '', { ratio: { min: 0.05 }, cpu: { max: 170 }, p99: { max: 15 } }, true);
  await host.stop();
  const proxy = `127.0.0.1:${await freePort()}`;
  host = await startHost({ data, args: [...unlimited, ...caps, '--proxy-listen', proxy, '--proxy-gate', timed, '--proxy-service', hello.url] });
  const passing = await measure('proxied with a timed pass', '/reports/7', pass, { ratio: { min: 0.4 }, cpu: { max: 45 } }, false, `http://${proxy}`);
  await host.stop();
  host = await startHost({ data, args: [...unlimited, '--proxy-listen', proxy, '--proxy-gate', 'none', '--proxy-service', hello.url] });
  const ungated = await measure('proxied without a gate', '/reports/7', pass, {}, false, `http://${proxy}`);
  figure('gates: proxied with a timed pass / without a gate', passing / ungated, 'x', { target: { min: 0.8 } });
  await host.stop();
  hello.stop();
}

// --- Money --------------------------------------------------------------------------------------------------------------

const grown = Number(process.env.CHARGES ?? 50_000);

function benchMoney() {
  run('cmake/build.sh', ['release', 'money_bench', 'sim']);
  const bench = (...args) =>
    run(join(root, 'build/release/money_bench'), [...args, scratchFolder()], { stdio: ['ignore', 'pipe', 'inherit'] })
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  for (const { what, engine, a_second, ...more } of bench('rates', component)) {
    const target = what.startsWith('settlements credited') ? { min: 10_000 } : null;
    figure(`${what} a second in one workspace, SQLite: ${engine}`, a_second, '/s', { target, ...more });
  }
  const empty = new Map();
  for (const { what, charges, cpu_p50_us, cpu_p99_us } of bench('growth', String(grown))) {
    if (charges === 0) {
      empty.set(what, cpu_p99_us);
    } else {
      figure(`growth: ${what}, p99 after ${charges} charges / p99 without`, cpu_p99_us / empty.get(what), 'x', { target: { max: 2 }, cpu_p50_us, cpu_p99_us });
    }
  }
  const [seeds, steps] = [20, 500];
  const began = process.hrtime.bigint();
  run(join(root, 'build/release/sim'), ['--seeds', String(seeds), '--steps', String(steps), '--jobs', '1']);
  figure('simulator: steps a second on one core', (seeds * steps) / (Number(process.hrtime.bigint() - began) / 1e9), '/s');
}

// ------------------------------------------------------------------------------------------------------------------------

/// Imported late: its modules exist only after the set-up.
async function benchHosts() {
  run('cmake/build.sh', ['browser', 'lntpay_module']);
  run('cmake/build.sh', [process.env.WASM_PRESET ?? 'wasm', 'edge_proxy', 'hello_component']);
  run(process.execPath, [join(root, 'host-adapters/browser/build-site.mjs')]);
  const hosts = await import('./hosts.mjs');
  await hosts.benchHosts(putLoad, load_s);
}

const parts = { bolt11: [benchBolt11], engine: [benchEngine], host: [benchStart, benchMemory], durable: [benchDurable], gates: [benchGates], api: [() => benchApi(putLoad, load_s, grown)], money: [benchMoney], lnd: [() => benchLnd(putLoad, load_s)], hosts: [benchHosts], isolation: [benchIsolation], webhooks: [() => benchWebhooks(putLoad)] };
const chosen = process.argv.slice(2).length ? process.argv.slice(2) : Object.keys(parts);
for (const name of chosen) {
  if (!parts[name]) throw new Error(`unknown part ${name}. Parts: ${Object.keys(parts).join(', ')}`);
}
if (!existsSync(program) || !existsSync(component)) throw new Error(`${program} or ${component} is missing. Run make build.`);
process.stderr.write(run('cmake/setup.sh', ['bench']));
mkdirSync(join(root, 'build'), { recursive: true });
const machine = environment();
figure('environment', `${machine.cores} cores, load ${machine.load_1m}`, '', machine);
const folder = scratchFolder();
const fsync_us = fsyncUs(folder);
figure('disk: fsync of an appended page', fsync_us, 'us', { a_second: Math.round(1e6 / fsync_us) });
for (const name of chosen) for (const part of parts[name]) await part();
const end = environment();
figure('environment at the end', `load ${end.load_1m}`, '', end);
if (process.stdout.isTTY) process.stderr.write(`\n${table()}\n`);
const others = Math.max(machine.busy, end.busy);
if (others > 0.25) process.stderr.write(`bench: other processes used ${Math.round(others * 100)} % of this machine; compare CPU time and component / native, not rates\n`);
if (missed().length) process.stderr.write(`bench: missed targets: ${missed().map((each) => each.figure).join('; ')}\n`);
process.exit(exitCode());
