// Hosts for end-to-end tests: the server over HTTP, and the component in this process. Not a suite.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { startSandbox } from '../../examples/pay-per-request/sandbox.mjs';
import { makeInstanceOf } from '../../host-adapters/browser/emscripten-engine.mjs';
import { configOf, newSecrets } from '../../host-adapters/js/config.mjs';
import { Driver } from '../../host-adapters/js/driver.mjs';
import { makeFetch } from '../../host-adapters/js/fetching.mjs';
import { answer } from '../../host-adapters/js/http.mjs';
import { load } from '../../host-adapters/js/instantiate.mjs';
import { MemoryStore } from '../../host-adapters/js/memory-store.mjs';
import { check } from './lib_document.mjs';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/// A host's API, each answer checked against the OpenAPI document: api('POST', '/v1/charges', { amount_sats: 21 }) with its test key, or with `key`, `headers`, or a string as body.
export function makeApi(send, test_key) {
  return async (method, path, body, { key = test_key, headers = {}, signal } = {}) => {
    const init = { method, headers: { ...(key && { authorization: `Bearer ${key}` }), ...headers }, signal };
    if (body !== undefined) {
      init.headers = { 'content-type': 'application/json', ...init.headers };
      init.body = typeof body === 'object' && !ArrayBuffer.isView(body) ? JSON.stringify(body) : body;
    }
    const response = await send(path, init);
    const text = await response.text();
    check({ method, target: path, status: response.status, header: (name) => response.headers.get(name) ?? undefined, text });
    let json;
    try {
      json = JSON.parse(text);
    } catch {}
    return { status: response.status, headers: response.headers, text, json };
  };
}

/// `lntpay serve --sandbox` on a free port: { url, api, env, data, child, log(), stop() }.
export async function startHost(options = {}) {
  const { rate_limit = '100000/60', ...rest } = options;
  const host = await startSandbox({ ...rest, args: ['--rate-limit', rate_limit, ...(rest.args ?? [])] });
  const timeout = () => AbortSignal.timeout(30_000);
  const send = (path, { signal = timeout(), ...init }) => fetch(host.url + path, { ...init, signal });
  return { ...host, api: makeApi(send, host.env.LNTPAY_API_KEY) };
}

/// The engine of hosts in this process: the component, or with LNTPAY_ENGINE=module the Emscripten module.
const makeInstanceBy = {
  component: async () => (await load(await readFile(`${root}build/lntpay.wasm`))).makeInstance,
  async module() {
    const folder = `${root}build/browser/engine`;
    const { default: load } = await import(`${folder}/lntpay.mjs`);
    return makeInstanceOf(load, await WebAssembly.compile(await readFile(`${folder}/lntpay.wasm`)));
  },
};
const loaded = {};

/// That engine in this process, with a memory store: { driver, api, keys, workspace, listen(), close() }.
/// `fetch` receives the webhooks, `wrap` wraps every instance.
export async function startNodeHost(options = {}) {
  const { store = new MemoryStore(), fetch, wrap = (instance) => instance, engine = process.env.LNTPAY_ENGINE ?? 'component' } = options;
  const { base_url = 'http://localhost', secrets = newSecrets() } = options;
  const makeInstance = await (loaded[engine] ??= makeInstanceBy[engine]());
  const config = await configOf({
    secrets,
    base_url,
    limits: { rate_quota: 100_000, challenges_per_client: 1_000 },
    egress: { mode: 'guarded', allow_loopback: true },
  });
  const resolve = async (host) => (await lookup(host, { all: true })).map(({ address }) => address);
  const log = [];
  const driver = new Driver({
    makeInstance: async () => wrap(await makeInstance()),
    config,
    store,
    fetch: makeFetch({ fetch, resolve }),
    log: (line) => log.push(line),
  });
  await driver.start();
  const send = (path, init) => answer(driver, new Request(`http://localhost${path}`, init), { client: '127.0.0.1' });
  const made = await makeApi(send)('POST', '/v1/admin/workspaces', { name: 'test' }, { key: secrets.operator_token });
  assert.equal(made.status, 201, made.text);
  const keys = made.json.api_keys;

  const servers = [];
  async function listen() {
    const server = createServer((request, response) => serve(driver, request, response)).listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    return `http://127.0.0.1:${server.address().port}`;
  }
  function close() {
    driver.stop();
    for (const server of servers) server.close().closeAllConnections();
  }
  return { driver, store, log, keys, workspace: made.json.id, api: makeApi(send, keys.test), send, makeInstance, listen, close };
}

/// node:http in front of a driver.
async function serve(driver, incoming, outgoing) {
  const gone = new AbortController();
  outgoing.once('close', () => gone.abort());
  const hasBody = incoming.method !== 'GET' && incoming.method !== 'HEAD';
  const request = new Request(`http://localhost${incoming.url}`, {
    method: incoming.method,
    headers: incoming.headers,
    ...(hasBody && { body: incoming, duplex: 'half' }),
    signal: gone.signal,
  });
  try {
    const response = await answer(driver, request, { client: incoming.socket.remoteAddress });
    outgoing.writeHead(response.status, Object.fromEntries(response.headers)).end(Buffer.from(await response.arrayBuffer()));
  } catch {
    outgoing.destroy();
  }
}

/// Asserts that the response is a complete error object.
export function assertError(answer, status, code, { param } = {}) {
  assert.equal(`${answer.status} ${answer.json?.error?.code}`, `${status} ${code}`, answer.text);
  assert.deepEqual(Object.keys(answer.json), ['error']);
  const { error } = answer.json;
  const known = ['code', 'message', 'request_id', 'param', 'details'];
  assert.deepEqual(Object.keys(error).filter((name) => !known.includes(name)), []);
  assert.ok(error.message.length > 10 && !error.message.includes('\n'), error.message);
  assert.match(error.request_id, /^req_/);
  assert.equal(answer.headers.get('request-id'), error.request_id);
  assert.match(answer.headers.get('content-type'), /^application\/json/);
  if (param !== undefined) assert.equal(error.param, param, answer.text);
}

export async function until(what, condition, ms_max = 15_000) {
  for (const give_up_at = Date.now() + ms_max; ; ) {
    const found = await condition();
    if (found) return found;
    if (Date.now() > give_up_at) assert.fail(`not within ${ms_max / 1000} s: ${what}`);
    await new Promise((resume) => setTimeout(resume, 10));
  }
}

/// Runs the quickstart against a running host; fails unless all its steps succeed.
export async function playQuickstart(url, key) {
  const demo = spawn(process.execPath, [`${root}examples/pay-per-request/demo.mjs`], {
    env: { ...process.env, LNTPAY_BASE_URL: `${url}/v1`, LNTPAY_API_KEY: key },
  });
  let said = '';
  for (const stream of [demo.stdout, demo.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text));
  const [code] = await once(demo, 'close');
  assert.equal(code, 0, said);
  assert.match(said, /19 of 19 steps succeeded/);
}

/// Checks the refusals that every host has in common, word for word.
export async function assertRefusals(api) {
  assertError(await api('GET', '/v1/nothing'), 404, 'not_found');
  assertError(await api('GET', '/v1/charges', undefined, { key: 'lnt_test_wrong' }), 401, 'unauthenticated');
  assertError(await api('POST', '/v1/charges', '{"amount_sats":'), 400, 'invalid_request');
  assertError(await api('POST', '/v1/charges', Buffer.alloc(300_000, 'x')), 413, 'payload_too_large');
  assertError(await api('POST', '/v1/charges', Buffer.from([0x22, 0xff, 0x22])), 400, 'invalid_request');
}

/// Checks that a host serves the files of build/resources: their bytes, types and headers; 304 to a client that has them. `send(path, init)`.
export async function assertStaticFiles(send) {
  const resources = `${root}build/resources/`;
  const files = JSON.parse(await readFile(`${resources}resources.json`, 'utf8'));
  for (const { path, file, type, headers } of files) {
    const whole = await send(path, { headers: { 'accept-encoding': 'identity' } });
    assert.equal(whole.status, 200, path);
    assert.equal(whole.headers.get('content-type'), type);
    for (const [name, value] of Object.entries(headers)) assert.equal(whole.headers.get(name), value, path);
    assert.equal(whole.headers.get('access-control-allow-origin'), '*');
    assert.equal(Buffer.compare(Buffer.from(await whole.arrayBuffer()), await readFile(resources + file)), 0, path);
    const unchanged = await send(path, { headers: { 'if-none-match': whole.headers.get('etag') } });
    assert.equal(`${unchanged.status} ${await unchanged.text()}`, '304 ', path);
  }
  assert.ok(files.some(({ path }) => path === '/openapi.json'));
}
