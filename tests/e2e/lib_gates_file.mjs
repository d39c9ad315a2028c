// A server with a file of gates, its services, certificates and clients, for the suites of `lntpay serve --gates`. Not a suite.
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer, request as httpRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { program } from '../../examples/pay-per-request/sandbox.mjs';
import { startHost, until } from './lib.mjs';
import { freePort, scratchFolder } from './lib_process.mjs';

const folder = scratchFolder();
export const path = (name) => join(folder, name);
export const file = path('gates.json');
export const data = scratchFolder();
const made = [];
export let host, api, port, tlsPort, plain, second, down;

/// Writes tls files for this name: `name`.crt and `name`.key, replaced at once.
export function makeCertificate(name, subject = name) {
  const [key, certificate] = [path(`${name}.key`), path(`${name}.crt`)];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', `/CN=${subject}`, '-addext', `subjectAltName=DNS:${name}`, '-keyout', `${key}.new`, '-out', `${certificate}.new`], { stdio: 'ignore' });
  renameSync(`${key}.new`, key);
  renameSync(`${certificate}.new`, certificate);
}

/// A service that records its requests: { url, seen, play(answer), stop(), start() }.
export async function startService(name) {
  const seen = [];
  const usual = (incoming, outgoing) => outgoing.end(`${name} ${incoming.url}`);
  let answer = usual;
  const server = createServer((incoming, outgoing) => {
    seen.push({ url: incoming.url, headers: incoming.headers });
    if (incoming.url === '/healthz') return outgoing.end('good');
    Promise.resolve(answer(incoming, outgoing)).catch(() => outgoing.destroy());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port: at } = server.address();
  const service = {
    url: `http://127.0.0.1:${at}`,
    seen,
    play: (other) => (answer = other ?? usual),
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
    start: () => once(server.listen(at, '127.0.0.1'), 'listening'),
  };
  made.push(server);
  return service;
}

export let settings, log = '';
export async function start() {
  host = await startHost({ data, args: ['--gates', file, '--challenges-per-client', '1000'] });
  ({ api } = host);
  host.child.stderr.on('data', (text) => (log += text)); // all of it: host.log() has the end
}
export function write(changed = settings) {
  writeFileSync(`${file}.new`, JSON.stringify(changed, null, 2));
  renameSync(`${file}.new`, file);
}
export const count = (event) => log.split(`"${event}"`).length - 1;
/// Writes the changed file and waits until the server has loaded it.
export async function reload(change) {
  const loads = count('gates_loaded');
  change(settings.services);
  write();
  await until('the changed file is loaded', () => count('gates_loaded') > loads);
}

/// One request: { status, headers, text, socket }. `from`: the client's address, as a proxy on this machine reports it.
export function ask(target, { name = 'api.example', method = 'GET', headers = {}, body, from = '198.51.100.1', tls = false, agent = false } = {}) {
  return new Promise((done, failed) => {
    const options = { host: '127.0.0.1', port: tls ? tlsPort : port, path: target, method, agent, headers: { host: name, 'x-forwarded-for': from, ...headers } };
    const sent = tls ? tlsRequest({ ...options, servername: name, ca: [readFileSync(path('api.example.crt')), readFileSync(path('other.example.crt'))] }) : httpRequest(options);
    sent.on('response', async (response) => {
      const parts = [];
      try {
        for await (const part of response) parts.push(part);
        done({ status: response.statusCode, headers: response.headers, text: Buffer.concat(parts).toString(), bytes: Buffer.concat(parts), socket: response.socket });
      } catch (error) {
        failed(error);
      }
    });
    sent.on('error', failed).end(body);
  });
}
export const parameter = (line, name) => new RegExp(`${name}="([^"]*)"`).exec(line)?.[1];
export async function buy(refused) {
  assert.equal(refused.status, 402, refused.text);
  const offered = [refused.headers['www-authenticate']].flat().join(', ');
  const paid = await api('POST', '/v1/sandbox/wallet/pay', { bolt11: parameter(offered, 'invoice') });
  assert.equal(paid.status, 200, paid.text);
  return `L402 ${parameter(offered, 'token')}:${paid.json.preimage}`;
}
export const gates = async () => (await api('GET', '/v1/gates?limit=100')).json.data;
export const check = (name, env = {}) =>
  new Promise((done) => execFile(program, ['gate', 'check', name], { env: { ...process.env, LNTPAY_BASE_URL: '', ...env } }, (error, stdout, stderr) => done({ code: error?.code ?? 0, stdout, stderr })));

before(async () => {
  makeCertificate('api.example');
  makeCertificate('other.example');
  [plain, second, down] = [await startService('first'), await startService('second'), await startService('down')];
  [port, tlsPort] = [await freePort(), await freePort()];
  const pair = (name) => ({ certificate: `${name}.crt`, key: `${name}.key` });
  settings = {
    listen: [{ address: `127.0.0.1:${port}` }, { address: `127.0.0.1:${tlsPort}`, certificates: [pair('api.example'), pair('other.example')] }],
    services: [
      {
        name: 'api',
        hosts: ['api.example'],
        upstreams: [plain.url],
        prices: [
          { method: 'GET', path: '/reports/*', price_sats: 21 },
          { method: 'POST', path: '/reports/*', price_sats: 5, mode: 'pass', uses: 1_000 },
          { path: '/about', price_sats: 0 },
        ],
        allow: [{ addresses: ['192.0.2.0/24'] }, { user_agents: ['UptimeRobot/*'] }],
      },
      { name: 'quota', hosts: ['*.example'], upstreams: [plain.url.replace('127.0.0.1', 'localhost')], free: { requests_per_day: 3 }, prices: [{ path: '/*', price_sats: 1 }] },
      {
        name: 'pair',
        hosts: ['pair.example'],
        upstreams: [second.url, down.url],
        health_check: { path: '/healthz', interval_seconds: 1, timeout_seconds: 1, unhealthy_after: 1 },
        prices: [{ path: '/*', price_sats: 0 }],
      },
    ],
  };
  write();
  await start();
});
after(async () => {
  await host?.stop();
  for (const server of made) {
    server.close();
    server.closeAllConnections();
  }
});
