// LNTPay on stock `wasmtime serve` over a real etcd, on this machine: `make wasmtime`, and what tests and the example start.
//
//   node local.mjs [--port 8402] [--data data/wasmtime]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { freePort } from '../../examples/pay-per-request/sandbox.mjs';
import { makeWorkspace, newSecretsText, readOrMake } from '../js/bootstrap.mjs';

const build = fileURLToPath(new URL('../../build/', import.meta.url));
const ready_ms_max = 30_000;
const ticks_at_once = 8;

/** Programs end with this one. */
const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

function start(program, args, env) {
  const child = spawn(program, args, { env: { ...process.env, ...env } });
  running.add(child);
  const started = { child, said: '', ended: once(child, 'close').catch((error) => (started.said += error.message)).finally(() => running.delete(child)) };
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (started.said = (started.said + text).slice(-20_000)));
  return started;
}

/** Another program that has the port would answer too: ours must be there after the answer. */
async function untilReady(what, url, started) {
  const { child } = started;
  const is_there = () => child.pid !== undefined && child.exitCode === null && child.signalCode === null;
  for (const give_up_at = Date.now() + ready_ms_max; ; await sleep(25)) {
    const answer = await fetch(url, { signal: AbortSignal.timeout(1_000) }).catch(() => undefined);
    if (answer?.ok) await sleep(25);  // for the end of one that found its port taken
    if (!is_there() || Date.now() > give_up_at) throw new Error(`${what} did not start:\n${started.said}`);
    if (answer?.ok) return;
  }
}

/**
 * A real etcd with one member, its rows in `data`: { url, kill(), start(), stop() }. Its history is dropped after an hour, and a commit
 * may be as large as LNTPay makes them (the flags that a deployment's etcd needs too).
 */
export async function startEtcd({ data, args: more = [] }) {
  const [port, peer_port] = [await freePort(), await freePort()];
  const [url, peer] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${peer_port}`];
  const args = [
    `--data-dir=${data}`, `--listen-client-urls=${url}`, `--advertise-client-urls=${url}`, `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`, `--initial-cluster=default=${peer}`, '--max-txn-ops=1024', '--max-request-bytes=8388608',
    '--auto-compaction-mode=periodic', '--auto-compaction-retention=1h', ...more,
  ];
  let member;
  const etcd = {
    url,
    async start() {
      member = start('etcd', args);
      await untilReady('etcd (apt-get install etcd-server)', `${url}/health`, member);
    },
    async kill(signal = 'SIGKILL') {
      member.child.kill(signal);
      await member.ended;
    },
    pause: () => member.child.kill('SIGSTOP'),
    resume: () => member.child.kill('SIGCONT'),
    stop: () => etcd.kill(),
  };
  await etcd.start();
  return etcd;
}

/**
 * `wasmtime serve` of the component: { url, log(), kill(), start(), stop() }.
 * @param {object} options
 * @param {string} options.secrets what newSecretsText made
 * @param {string} options.etcd_url
 * @param {number} [options.port]
 * @param {Record<string, string>} [options.env] settings, over those of a sandbox on this machine
 * @param {string[]} [options.args] for wasmtime
 * @param {string} [options.component]
 */
export async function startServe({ secrets, etcd_url, port, env = {}, args = [], component = join(build, 'edge-proxy.wasm') }) {
  for (const path of [component, join(build, 'wasmtime')]) {
    await access(path).catch(() => {
      throw new Error(`${path} is not there yet: run make edge-proxy`);
    });
  }
  port ??= await freePort();
  const url = `http://127.0.0.1:${port}`;
  const settings = { LNTPAY_SECRETS: secrets, LNTPAY_BASE_URL: url, LNTPAY_ETCD_URL: etcd_url, LNTPAY_ALLOW_LOOPBACK: '1', LNTPAY_SEND_ONCE: '1', ...env };
  const named = Object.keys(settings).flatMap((name) => ['--env', name]);  // values are taken from our environment, where no other user reads them
  let program;
  const served = {
    url,
    log: () => program.said,
    async start() {
      program = start(join(build, 'wasmtime'), ['serve', '-S', 'cli', '--addr', `127.0.0.1:${port}`, ...named, ...args, component], settings);
      await untilReady('wasmtime serve', `${url}/healthz`, program);
    },
    async kill(signal = 'SIGKILL') {
      program.child.kill(signal);
      await program.ended;
    },
    stop: () => served.kill(),
  };
  await served.start();
  return served;
}

/** What a deployment's timer does: due work that no request waits for. */
export async function tick(url, secrets) {
  const { operator_token } = JSON.parse(secrets);
  const answer = await fetch(`${url}/internal/tick`, { method: 'POST', headers: { authorization: `Bearer ${operator_token}` } });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  return answer.json();
}

async function main() {
  const { values } = parseArgs({ options: { port: { type: 'string', default: '8402' }, data: { type: 'string', default: 'data/wasmtime' } } });
  const { port, data } = values;
  if (!(Number(port) > 0 && Number(port) < 65_536)) throw new Error(`--port ${port}: it takes 1 to 65535`);
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(0));
  await mkdir(data, { recursive: true, mode: 0o700 });
  const secrets = await readOrMake(join(data, 'secrets.json'), newSecretsText);
  const etcd = await startEtcd({ data: join(data, 'etcd') });
  const { url } = await startServe({ port: Number(port), etcd_url: etcd.url, secrets });
  const key = await readOrMake(join(data, 'test.key'), async () => (await makeWorkspace(url, secrets, 'sandbox')).api_keys.test);
  console.log(`LNTPay on wasmtime serve: ${url}/v1\nLNTPAY_BASE_URL=${url}/v1 LNTPAY_API_KEY=${key}\n\nCtrl-C ends it; ${data} keeps its rows.`);
  // A tick lasts as long as what it began; the next one does not wait for it.
  let ticking = 0;
  setInterval(() => {
    if (ticking === ticks_at_once) return;
    ++ticking;
    tick(url, secrets).catch((error) => console.error(`tick: ${error.message}`)).finally(() => --ticking);
  }, 1_000);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main().catch((error) => {
    console.error(error.message);
    process.exit(1);
  });
}
