// A gate in front of a service, for tests: a service that records its requests, a payer, and nginx, Caddy and Envoy with the files of docs/proxies.
// Not a suite.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { root, startHost, until } from './lib.mjs';
import { freePort, scratchFolder } from './lib_process.mjs';

const parameter = (line, name) => new RegExp(`${name}="([^"]*)"`).exec(line)?.[1];

/// The invoice and token that a 402 or 401 offers.
export function offerOf(refused) {
  const offered = refused.headers.get('www-authenticate');
  assert.ok(offered?.startsWith('L402 macaroon="'), `${refused.status} ${offered}`);
  return { invoice: parameter(offered, 'invoice'), token: parameter(offered, 'token') };
}

/// The sandbox's wallet: { payments, pay(bolt11), buy(refused) }; `pay` returns the preimage, `buy` the credential for a 402.
export function makeWallet(api) {
  const wallet = {
    payments: 0,
    async pay(bolt11) {
      const paid = await api('POST', '/v1/sandbox/wallet/pay', { bolt11 });
      assert.equal(paid.status, 200, paid.text);
      wallet.payments += 1;
      return paid.json.preimage;
    },
    async buy(refused) {
      const { invoice, token } = offerOf(refused);
      return `L402 ${token}:${await wallet.pay(invoice)}`;
    },
  };
  return wallet;
}

/// The macaroon of a credential in hex, with its preimage as a caveat (macaroons of version 2), as Aperture's clients send it.
export function paidMacaroon(credential) {
  const [, token, preimage] = /^L402 (.*):(.*)$/.exec(credential);
  const bytes = Buffer.from(token, 'base64');
  const caveat = Buffer.from(`preimage=${preimage}`);
  const signature = createHmac('sha256', bytes.subarray(-32)).update(caveat).digest();
  const [field, end] = [Buffer.from([2, caveat.length]), Buffer.from([0])];
  return Buffer.concat([bytes.subarray(0, -35), field, caveat, end, end, Buffer.from([6, 32]), signature]).toString('hex');
}

/// A service without payment logic: { url, served, sockets, answer, stop() }. `answer` may be replaced.
export async function startService(answer = (request, response) => response.end(`report for ${request.url}`)) {
  const service = { served: [], sockets: new Set(), answer };
  service.server = createServer((request, response) => {
    service.sockets.add(request.socket);
    service.served.push({ method: request.method, url: request.url, headers: request.headers });
    Promise.resolve(service.answer(request, response)).catch(() => response.destroy());  // a truncated request
  }).listen(0, '127.0.0.1');
  await once(service.server, 'listening');
  service.url = `http://127.0.0.1:${service.server.address().port}`;
  service.stop = () => service.server.close().closeAllConnections();
  return service;
}

/// `lntpay serve` with the built-in proxy before a service: a host of lib.mjs with { gate, url_proxied, data, wallet }. `gate`: the
/// fields of a new gate, or the id of one in `data`.
export async function startProxied({ service, gate = {}, data = scratchFolder(), args = ['--challenges-per-client', '1000'] }) {
  if (typeof gate === 'object') {
    const setup = await startHost({ data });  // the proxy needs an existing gate
    const made = await setup.api('POST', '/v1/gates', { price_sats: 21, match: { method: '*', path: '/*' }, ...gate });
    assert.equal(made.status, 201, made.text);
    gate = made.json.id;
    await setup.stop();
  }
  const port = await freePort();
  const flags = ['--proxy-listen', `127.0.0.1:${port}`, '--proxy-gate', gate, '--proxy-service', service.url];
  const host = await startHost({ data, args: [...flags, ...args] });
  return { ...host, gate, data, url_proxied: `http://127.0.0.1:${port}`, wallet: makeWallet(host.api) };
}

/// Sends raw bytes to a server; the response until it closes or `enough` is in it, for 5 seconds at most.
export async function sendRaw(url, bytes, enough = '\0') {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let said = '';
  socket.setEncoding('latin1').on('data', (text) => (said += text));
  socket.write(bytes);
  const closed = once(socket, 'close').then(() => {}, () => {});
  for (let i = 0; i < 100 && !said.includes(enough) && !socket.closed; i += 1) await Promise.race([closed, sleep(50)]);
  socket.destroy();
  return said;
}

/// A published file with this test's ports and gate.
const configured = (file, { gate, lntpay, service }, port) => readFileSync(join(root, 'docs/proxies', file), 'utf8')
  .replaceAll('GATE_ID', gate)
  .replaceAll('127.0.0.1:8402', new URL(lntpay).host)
  .replaceAll('127.0.0.1:9000', new URL(service).host)
  .replaceAll('port_value: 8402', `port_value: ${new URL(lntpay).port}`)
  .replaceAll('port_value: 9000', `port_value: ${new URL(service).port}`)
  .replace('127.0.0.1:8080', `127.0.0.1:${port}`)
  .replace('port_value: 8080', `port_value: ${port}`)
  .replace(':8081', `:${port}`);

const commands = {
  nginx(at, port, folder) {
    copyFileSync(join(root, 'docs/proxies/gate_request.conf'), join(folder, 'gate_request.conf'));
    const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join(' ');
    const file = join(folder, 'nginx.conf');
    writeFileSync(file, `daemon off; pid ${folder}/nginx.pid; events {} http { access_log off; ${temp}\n${configured('nginx.conf', at, port)} }`);
    return ['-p', folder, '-e', 'stderr', '-c', file];
  },
  caddy(at, port, folder) {
    const file = join(folder, 'Caddyfile');
    writeFileSync(file, `{\n\tadmin off\n\tauto_https off\n}\n${configured('Caddyfile', at, port)}`);
    return ['run', '--adapter', 'caddyfile', '--config', file];
  },
  envoy(at, port, folder) {
    const file = join(folder, 'envoy.yaml');
    writeFileSync(file, configured('envoy.yaml', at, port));
    return ['-c', file, '--disable-hot-restart', '--concurrency', '1', '--log-level', 'error'];
  },
};
const programs = { nginx: 'nginx', caddy: 'caddy', envoy: join(root, 'build/envoy') };  // the last by cmake/setup.sh test

/// Why a test with this proxy is skipped; false where it is installed. CI has them all.
export const skipped = (proxy) => (spawnSync(programs[proxy], ['--version']).error && !process.env.CI ? `${proxy} is not installed` : false);

/// `nginx`, `caddy` or `envoy` with the file of docs/proxies, before the service at `at.service`, asking the gate `at.gate` of `at.lntpay`:
/// { url, stop() }.
export async function startProxy(proxy, at) {
  const [port, folder] = [await freePort(), scratchFolder()];
  const environment = { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder };
  const child = spawn(programs[proxy], commands[proxy](at, port, folder), { stdio: ['ignore', 'pipe', 'pipe'], env: environment });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += text));
  const url = `http://127.0.0.1:${port}`;
  await until(`${proxy} to listen`, async () => {
    assert.equal(child.exitCode, null, said);
    return fetch(`${url}/ready`).then(() => true, () => false);
  });
  return {
    url,
    async stop() {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}
