// The server as a process that may be killed at any time, for tests and measurements that need that or little overhead:
// spawned without waiting, killed, called over few connections. Not a suite; lib.mjs is for the others.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { program as named } from '../../examples/pay-per-request/sandbox.mjs';
import { freePort } from '../../host-adapters/js/programs.mjs';
import { deviation } from './lib_document.mjs';

export { freePort, sleep };
export const root = resolve(fileURLToPath(new URL('../..', import.meta.url)));
export const program = resolve(named);

const folders = [];
process.on('exit', () => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/// A fresh folder, removed when this process ends.
export function scratchFolder() {
  folders.push(mkdtempSync(join(tmpdir(), 'lntpay-')));
  return folders.at(-1);
}

const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/// Spawns `lntpay serve --sandbox`: {child, url, ended, output()}. `ended` becomes {code, signal, output}.
export function spawnHost({ args = [], data, port, logLevel = 'warn' }) {
  const flags = ['serve', '--sandbox', '--data', data, '--listen', `127.0.0.1:${port}`, '--log-level', logLevel, ...args];
  const child = spawn(program, flags, { stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output = (output + text).slice(-65_536)));
  const ended = new Promise((done) => {
    child.on('error', (error) => done({ code: null, signal: null, output: String(error) }));
    child.on('close', (code, signal) => {
      running.delete(child);
      done({ code, signal, output });
    });
  });
  return { child, url: `http://127.0.0.1:${port}`, ended, output: () => output };
}

/// KEY=value lines of sandbox.env.
function readEnv(path) {
  const lines = readFileSync(path, 'utf8').split('\n').filter((line) => line.includes('='));
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

/// Spawns a host and waits until it is ready. `key` is its test key. `stop()` sends SIGTERM and throws unless the exit is clean; `kill()`
/// sends SIGKILL.
export async function startHost({ args = [], data = scratchFolder(), port, logLevel = 'warn', ready_ms_max = 30_000 } = {}) {
  const host = spawnHost({ args, data, port: port ?? (await freePort()), logLevel });
  let end = null;
  host.ended.then((how) => (end = how));
  for (const began = Date.now(); ; await sleep(5)) {
    if (end) throw new Error(`the host ended at start (${end.code ?? end.signal}): ${end.output.slice(-2_000)}`);
    if (Date.now() - began > ready_ms_max) {
      host.child.kill('SIGKILL');
      throw new Error(`the host is not ready after ${ready_ms_max} ms: ${host.output().slice(-2_000)}`);
    }
    const answer = await call(`${host.url}/readyz`).catch(() => null);
    if (answer?.status === 200) break;
  }
  return {
    ...host,
    data,
    key: readEnv(join(data, 'sandbox.env')).LNTPAY_API_KEY,
    pid: host.child.pid,
    async stop() {
      host.child.kill('SIGTERM');
      const how = await host.ended;
      if (how.code !== 0) throw new Error(`the host did not end cleanly (${how.code ?? how.signal}): ${how.output.slice(-2_000)}`);
    },
    async kill() {
      host.child.kill('SIGKILL');
      return host.ended;
    },
  };
}

const shared = new Agent({ keepAlive: true, maxSockets: 256 });

/// Each answer is checked against the OpenAPI document. Sends one request, never twice, on a connection of the `agent`. Yields {status, headers, text, json}; rejects without a complete
/// response.
export function call(url, { method = 'GET', key, idempotencyKey, body, timeout_ms = 30_000, agent = shared } = {}) {
  const payload = body === undefined ? undefined : JSON.stringify(body);
  const headers = {};
  if (key) headers.authorization = `Bearer ${key}`;
  if (idempotencyKey) headers['idempotency-key'] = idempotencyKey;
  if (payload !== undefined) {
    headers['content-type'] = 'application/json';
    headers['content-length'] = Buffer.byteLength(payload);
  }
  return new Promise((done, failed) => {
    const asked = request(url, { method, headers, agent }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (part) => (text += part));
      answer.on('error', failed);
      answer.on('end', () => {
        let json;
        try {
          json = JSON.parse(text);
        } catch {}
        const { pathname, search } = new URL(url);
        const wrong = deviation({ method, target: pathname + search, status: answer.statusCode, header: (name) => answer.headers[name], text });
        if (wrong) return failed(new Error(`${method} ${pathname} is not allowed by openapi.json: ${wrong}: ${answer.statusCode} ${text.slice(0, 2_000)}`));
        done({ status: answer.statusCode, headers: answer.headers, text, json });
      });
    });
    asked.setTimeout(timeout_ms, () => asked.destroy(new Error(`no answer within ${timeout_ms} ms`)));
    asked.on('error', failed);
    asked.end(payload);
  });
}

/// Every item of a list, page by page.
export async function listAll(url, key) {
  const items = [];
  for (let cursor = ''; ; ) {
    const page = await call(`${url}${url.includes('?') ? '&' : '?'}limit=100${cursor && `&cursor=${encodeURIComponent(cursor)}`}`, { key });
    if (page.status !== 200) throw new Error(`${url}: ${page.status} ${page.text}`);
    items.push(...page.json.data);
    if (!page.json.has_more) return items;
    cursor = page.json.next_cursor;
  }
}
