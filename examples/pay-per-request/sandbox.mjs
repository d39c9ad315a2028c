// Starts `lntpay serve --sandbox` for a script: a free port, a data folder that is removed with it, and its API key.
import { access, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, startProgram, untilReady } from '../../host-adapters/js/programs.mjs';

/// LNTPAY_PROGRAM names another build.
export const program = process.env.LNTPAY_PROGRAM ?? fileURLToPath(new URL('../../build/lntpay', import.meta.url));

/// { url, env, data, child, log(), stop() }. `url` has no /v1; `env` holds the variables of data/sandbox.env; `stop` resolves to
/// { code, signal } and removes the data folder if it was made here.
export async function startSandbox({ data, args = [], start_ms_max = 60_000 } = {}) {
  await access(program).catch(() => {
    throw new Error(`${program} does not exist. Run make build.`);
  });
  const folder = data ?? (await mkdtemp(join(tmpdir(), 'lntpay-')));
  const url = `http://127.0.0.1:${await freePort()}`;
  const host = startProgram(program, ['serve', '--sandbox', '--listen', url.slice('http://'.length), '--data', folder, ...args]);
  const { child, log } = host;

  async function stop(signal = 'SIGTERM') {
    child.kill(signal);
    const kill = setTimeout(() => child.kill('SIGKILL'), 10_000);
    const ended = await host.ended;
    clearTimeout(kill);
    if (!data) await rm(folder, { recursive: true, force: true });
    return ended;
  }

  try {
    await untilReady('lntpay serve', `${url}/readyz`, host, start_ms_max);
  } catch (error) {
    await stop('SIGKILL');
    throw error;
  }
  const text = await readFile(join(folder, 'sandbox.env'), 'utf8');
  const env = Object.fromEntries([...text.matchAll(/^(\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]));
  return { url, env, data: folder, child, log, stop };
}
