// Programs that a script starts on this machine, for Node: a free port, the program's output, and waiting until it is ready.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const log_chars_max = 20_000;
const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** A TCP port of 127.0.0.1 that nothing listens on. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  server.close();
  await once(server, 'close');
  return port;
}

/**
 * Starts a program. It is killed when this process exits.
 * @param {string} path
 * @param {string[]} args
 * @param {Record<string, string>} [env] added to this process's environment
 * @returns {{ child: import('node:child_process').ChildProcess, log(): string, ended: Promise<{ code: number | null, signal: string | null }> }}
 *   `log` returns the end of its output; `ended` resolves also when the program could not be started
 */
export function startProgram(path, args, env = {}) {
  const child = spawn(path, args, { env: { ...process.env, ...env } });
  running.add(child);
  let log = '';
  const keep = (text) => (log = (log + text).slice(-log_chars_max));
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', keep);
  const ended = new Promise((resolve) => {
    child.once('error', (error) => keep(error.message));
    child.once('close', (code, signal) => {
      running.delete(child);
      resolve({ code, signal });
    });
  });
  return { child, log: () => log, ended };
}

/**
 * Waits until `url` returns a 2xx and the program still runs: another program may have its port.
 * Throws with the program's log when it exits, or when `ms_max` have passed.
 * @param {string} name for the error
 * @param {string} url
 * @param {ReturnType<typeof startProgram>} program
 */
export async function untilReady(name, url, { child, log }, ms_max = 30_000) {
  const runs = () => child.pid !== undefined && child.exitCode === null && child.signalCode === null;
  for (const deadline_ms = Date.now() + ms_max; ; await sleep(25)) {
    const response = await fetch(url, { signal: AbortSignal.timeout(1_000) }).catch(() => undefined);
    if (response?.ok) await sleep(25);  // gives a program whose port is taken the time to exit
    if (!runs() || Date.now() > deadline_ms) throw new Error(`${name} did not start:\n${log()}`);
    if (response?.ok) return;
  }
}
