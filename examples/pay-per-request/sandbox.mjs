// Starts `lntpay serve --sandbox` for a script: a free port, a data folder that goes away with it, and its key.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/// LNTPAY_PROGRAM names another build of it.
export const program = process.env.LNTPAY_PROGRAM ?? fileURLToPath(new URL('../../build/lntpay', import.meta.url));

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/// { url, env, data, child, log(), stop() }. `url` is without /v1; `env` is what data/sandbox.env says; `stop` resolves to
/// { code, signal } and removes the data folder if it was made here.
export async function startSandbox({ data, args = [], start_ms_max = 60_000 } = {}) {
  await access(program).catch(() => {
    throw new Error(`${program} is not there yet: run make build`);
  });
  const folder = data ?? (await mkdtemp(join(tmpdir(), 'lntpay-')));
  const url = `http://127.0.0.1:${await freePort()}`;
  const child = spawn(program, ['serve', '--sandbox', '--listen', url.slice('http://'.length), '--data', folder, ...args]);
  const ended = new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal })));
  child.once('error', () => {});
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  let log = '';
  const keep = (text) => (log = (log + text).slice(-20_000));
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', keep);

  async function stop(signal = 'SIGTERM') {
    child.kill(signal);
    const kill = setTimeout(() => child.kill('SIGKILL'), 10_000);
    const how = await ended;
    clearTimeout(kill);
    process.off('exit', end);
    if (!data) await rm(folder, { recursive: true, force: true });
    return how;
  }

  const give_up_at = Date.now() + start_ms_max;
  while (!(await isReady(url))) {
    if (child.exitCode === null && child.signalCode === null && child.pid && Date.now() < give_up_at) {
      await sleep(25);
      continue;
    }
    await stop('SIGKILL');
    throw new Error(`lntpay serve did not start:\n${log}`);
  }
  const text = await readFile(join(folder, 'sandbox.env'), 'utf8');
  const env = Object.fromEntries([...text.matchAll(/^(\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]));
  return { url, env, data: folder, child, log: () => log, stop };
}

async function isReady(url) {
  try {
    return (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(1_000) })).ok;
  } catch {
    return false;
  }
}
