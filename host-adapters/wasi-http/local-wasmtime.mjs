// LNTPay on stock `wasmtime serve` with a real etcd, on this machine: for `make wasmtime`, the tests and the example.
//
//   node local-wasmtime.mjs [--port 8402] [--data data/wasmtime]
import { access, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { makeWorkspace, newSecretsText, readOrMake } from '../js/bootstrap.mjs';
import { freePort, startProgram, untilReady } from '../js/programs.mjs';

const build = fileURLToPath(new URL('../../build/', import.meta.url));
const tick_ms = 1_000;
const ticks_at_once_max = 8;

/**
 * A real etcd with one member that keeps its rows in `data`: { url, start(), kill(), stop(), pause(), resume() }. The flags are those
 * that a deployment needs too: history is compacted after an hour, and a transaction may be as large as LNTPay's commits.
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
      member = startProgram('etcd', args);
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
 * `wasmtime serve` of the component: { url, log(), start(), kill(), stop() }.
 * @param {object} options
 * @param {string} options.secrets from newSecretsText
 * @param {string} options.etcd_url
 * @param {number} [options.port]
 * @param {Record<string, string>} [options.env] settings; they override those of a local sandbox
 * @param {string[]} [options.args] for wasmtime
 * @param {string} [options.component]
 */
export async function startServe({ secrets, etcd_url, port, env = {}, args = [], component = join(build, 'edge-proxy.wasm') }) {
  for (const path of [component, join(build, 'wasmtime')]) {
    await access(path).catch(() => {
      throw new Error(`${path} does not exist. Run make edge-proxy.`);
    });
  }
  port ??= await freePort();
  const url = `http://127.0.0.1:${port}`;
  const settings = { LNTPAY_SECRETS: secrets, LNTPAY_BASE_URL: url, LNTPAY_ETCD_URL: etcd_url, LNTPAY_ALLOW_LOOPBACK: '1', LNTPAY_SEND_ONCE: '1', ...env };
  const named = Object.keys(settings).flatMap((name) => ['--env', name]);  // values come from the environment, which other users cannot read
  let program;
  const served = {
    url,
    log: () => program.log(),
    async start() {
      program = startProgram(join(build, 'wasmtime'), ['serve', '-S', 'cli', '--addr', `127.0.0.1:${port}`, ...named, ...args, component], settings);
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

/** One call of a deployment's timer: runs due work that no request triggers. */
export async function tick(url, secrets) {
  const { operator_token } = JSON.parse(secrets);
  const answer = await fetch(`${url}/internal/tick`, { method: 'POST', headers: { authorization: `Bearer ${operator_token}` } });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  return answer.json();
}

async function main() {
  const { values } = parseArgs({ options: { port: { type: 'string', default: '8402' }, data: { type: 'string', default: 'data/wasmtime' } } });
  const { port, data } = values;
  if (!(Number(port) > 0 && Number(port) < 65_536)) throw new Error(`--port ${port} is not a port: it takes 1 to 65535`);
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(0));
  await mkdir(data, { recursive: true, mode: 0o700 });
  const secrets = await readOrMake(join(data, 'secrets.json'), newSecretsText);
  const etcd = await startEtcd({ data: join(data, 'etcd') });
  const { url } = await startServe({ port: Number(port), etcd_url: etcd.url, secrets });
  const key = await readOrMake(join(data, 'test.key'), async () => (await makeWorkspace(url, secrets, 'sandbox')).api_keys.test);
  console.log(`LNTPay on wasmtime serve: ${url}/v1\nLNTPAY_BASE_URL=${url}/v1 LNTPAY_API_KEY=${key}\n\nPress Ctrl-C to stop; the rows stay in ${data}.`);
  // A tick lasts as long as the tasks that it starts; the next one does not wait for it.
  let ticking = 0;
  setInterval(() => {
    if (ticking === ticks_at_once_max) return;
    ++ticking;
    tick(url, secrets).catch((error) => console.error(`tick: ${error.message}`)).finally(() => --ticking);
  }, tick_ms);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main().catch((error) => {
    console.error(error.message);
    process.exit(1);
  });
}
