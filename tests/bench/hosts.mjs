// The part `hosts` of `make bench`: the cost of each host besides the server. Cold: a new, configured instance; warm: one request
// after the other; then many at once; and the size that is shipped.
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { startLocal } from '../../host-adapters/cloudflare/local-workers.mjs';
import { makeWorkspace, newSecretsText } from '../../host-adapters/js/bootstrap.mjs';
import { startEtcd, startServe } from '../../host-adapters/wasi-http/local-wasmtime.mjs';
import { serveSite } from '../../host-adapters/browser/serve.mjs';
import { scratchFolder } from '../e2e/lib_process.mjs';
import { freePort } from '../../host-adapters/js/programs.mjs';
import { root, startNodeHost } from '../e2e/lib.mjs';
import { launch } from '../e2e/lib_browser.mjs';
import { figure } from './figures.mjs';

const warm_requests = 300;
const at_once = 32;
const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

async function timed(action) {
  const began = performance.now();
  await action();
  return performance.now() - began;
}

async function shipped(name, paths) {
  const sizes = await Promise.all(paths.map(async (path) => gzipSync(await readFile(join(root, path)), { level: 9 }).length));
  const raw = (await Promise.all(paths.map((path) => stat(join(root, path))))).reduce((sum, { size }) => sum + size, 0);
  const all = sizes.reduce((sum, size) => sum + size, 0);
  const of = paths.map((path, i) => `${path} ${Math.ceil(sizes[i] / 1024)}`);
  figure(`${name}: shipped, gzip`, all / 1024, 'KB', { raw_kb: Math.round(raw / 1024), of });
}

/** `api(method, path, body)` of a host in this process, or over HTTP. */
async function requests(name, api) {
  for (const [what, ask] of [['GET /v1/balance', () => api('GET', '/v1/balance')], ['POST /v1/charges', () => api('POST', '/v1/charges', { amount_sats: 21 })]]) {
    for (let i = 0; i < 50; ++i) await ask();
    const took = [];
    for (let i = 0; i < warm_requests; ++i) took.push(await timed(ask));
    figure(`${name}: warm ${what}, one after the other, p50`, median(took) * 1_000, 'us');
    let left = 2_000;
    const ms = await timed(() => Promise.all(Array.from({ length: at_once }, async () => {
      while (left-- > 0) await ask();
    })));
    figure(`${name}: ${what}, ${at_once} at once`, 2_000 / (ms / 1_000), '/s');
  }
}

async function inNode(engine, files) {
  const name = `${engine} in Node`;
  const host = await startNodeHost({ engine });
  const cold = [];
  for (let i = 0; i < 20; ++i) cold.push(await timed(() => host.makeInstance()));
  figure(`${name}: a new instance, compiled code cached, p50`, median(cold) * 1_000, 'us');
  await requests(name, host.api);
  host.close();
  await shipped(name, files);
}

async function onWorkerd(wrk, seconds) {
  const [secrets, port, data] = [newSecretsText(), await freePort(), scratchFolder()];
  const url = `http://127.0.0.1:${port}`;
  let runtime;
  const bindings = { LNTPAY_RATE_LIMIT: '100000000/1' };
  const cold_ms = await timed(async () => {
    runtime = await startLocal({ port, data, secrets, bindings, log: () => {} });
    await fetch(`${url}/readyz`);
  });
  figure('workerd: start of process, Worker and object to first answer', cold_ms, 'ms');
  const { api_keys: { test: key } } = await makeWorkspace(url, secrets, 'bench');
  await requests('workerd, over HTTP', async (method, path, body) => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    await (await fetch(url + path, { method, headers, body: body && JSON.stringify(body) })).arrayBuffer();
  });
  const load = await wrk({ script: 'charges.lua', url, env: { KEY: key } }, seconds);
  figure('workerd: durable charges, 32 connections of wrk', load.requests / (load.duration_us / 1e6), '/s', { p99_ms: load.p99_us / 1_000 });
  await runtime.dispose();
  await shipped('workerd', ['host-adapters/cloudflare/engine/edge.core.wasm', 'host-adapters/cloudflare/engine/edge.js']);
}

/// `wasmtime serve`, with one instance per request and with reused instances, compared with a minimal component.
async function onWasmtimeServe(wrk, seconds) {
  const name = 'wasmtime serve';
  const [secrets, data] = [newSecretsText(), scratchFolder()];
  const etcd = await startEtcd({ data });
  const preset = process.env.WASM_PRESET ?? 'wasm';
  const rate = async (url, target, authorization) => {
    const load = await wrk({ script: 'get.lua', url, env: { TARGET: target, ...(authorization && { AUTHORIZATION: authorization }) } }, seconds);
    return { per_s: load.requests / (load.duration_us / 1e6), p99_ms: load.p99_us / 1_000 };
  };
  for (const [kind, args] of [['an instance a request', []], ['instances reused', ['--max-instance-reuse-count', '1000']]]) {
    let serve;
    const env = { LNTPAY_RATE_LIMIT: '100000000/1' };
    const cold_ms = await timed(async () => (serve = await startServe({ secrets, etcd_url: etcd.url, env, args })));
    if (args.length === 0) figure(`${name}: start and compilation to first answer`, cold_ms, 'ms');
    const hello = await startServe({ secrets, etcd_url: etcd.url, args, component: join(root, 'build', preset, 'hello.wasm') });
    const { api_keys: { test: key } } = await makeWorkspace(serve.url, secrets, 'bench');
    const bare = await rate(hello.url, '/');
    const health = await rate(serve.url, '/healthz');
    const refused = await rate(serve.url, '/nothing');
    const balance = await rate(serve.url, '/v1/balance', `Bearer ${key}`);
    figure(`${name}, ${kind}: bare hello`, bare.per_s, '/s', { p99_ms: bare.p99_ms });
    figure(`${name}, ${kind}: GET /healthz`, health.per_s, '/s', { p99_ms: health.p99_ms });
    figure(`${name}, ${kind}: GET /healthz / bare hello`, health.per_s / bare.per_s, 'x', { target: { min: 0.5 } });
    figure(`${name}, ${kind}: an answer of the engine (404) / bare hello`, refused.per_s / bare.per_s, 'x', { target: { min: 0.5 } });
    figure(`${name}, ${kind}: GET /v1/balance from etcd`, balance.per_s, '/s', { p99_ms: balance.p99_ms });
    if (args.length === 0) {
      await requests(`${name}, over HTTP`, async (method, path, body) => {
        const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
        await (await fetch(serve.url + path, { method, headers, body: body && JSON.stringify(body) })).arrayBuffer();
      });
    }
    await hello.stop();
    await serve.stop();
  }
  await etcd.stop();
  await shipped(name, ['build/edge-proxy.wasm']);
}

async function inBrowser() {
  const server = await serveSite();
  const browser = await launch();
  const page = await browser.newPage();
  const open = () => timed(async () => {
    await page.goto(`http://localhost:${server.address().port}/`);
    await page.waitForSelector('main:not([hidden])');
  });
  figure('browser: first visit, until ready', await open(), 'ms');
  figure('browser: next visit, until ready', await open(), 'ms');
  for (const [what, method, path, body] of [['GET /v1/balance', 'GET', '/balance'], ['POST /v1/charges', 'POST', '/charges', '{"amount_sats":21}']]) {
    const took = await page.evaluate(async (times, method, path, body) => {
      const { key, base_url } = await (await fetch('sandbox.json')).json();
      const init = { method, body, headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' } };
      const all = [];
      for (let i = 0; i < times; ++i) {
        const began = performance.now();
        await (await fetch(base_url + path, init)).text();
        all.push(performance.now() - began);
      }
      return all;
    }, warm_requests, method, path, body);
    figure(`browser: warm ${what}, one after the other, p50`, median(took) * 1_000, 'us');
  }
  await browser.close();
  server.close();
  await shipped('browser', ['build/site/engine/lntpay.wasm', 'build/site/engine/lntpay.mjs', 'build/site/page.mjs', 'build/site/index.html', 'build/site/style.css']);
}

/// `wrk({ script, url, env }, seconds)` puts load on a server.
export async function benchHosts(wrk, seconds) {
  await inNode('component', ['build/lntpay.wasm']);
  await inNode('module', ['build/browser/engine/lntpay.wasm', 'build/browser/engine/lntpay.mjs']);
  await onWorkerd(wrk, seconds);
  await onWasmtimeServe(wrk, seconds);
  await inBrowser();
}
