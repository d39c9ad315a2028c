// The part `hosts` of `make bench`: what each JavaScript host costs. Cold: an instance that is made and configured; warm: one request
// after the other; then many at once; and what is shipped.
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { startLocal } from '../../host-adapters/cloudflare/local.mjs';
import { makeWorkspace, newSecretsText } from '../../host-adapters/js/bootstrap.mjs';
import { serveSite } from '../../host-adapters/browser/serve.mjs';
import { scratchFolder } from '../e2e/lib_process.mjs';
import { freePort } from '../../examples/pay-per-request/sandbox.mjs';
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

/** `api(method, path, body)` of a host in this process, or behind HTTP. */
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
  figure(`${name}: a new instance, compiled code at hand, p50`, median(cold) * 1_000, 'us');
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
  figure('workerd: process, Worker and object, to the first answer', cold_ms, 'ms');
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

async function inBrowser() {
  const server = await serveSite();
  const browser = await launch();
  const page = await browser.newPage();
  const open = () => timed(async () => {
    await page.goto(`http://localhost:${server.address().port}/`);
    await page.waitForSelector('main:not([hidden])');
  });
  figure('browser: the first visit, until it can be used', await open(), 'ms');
  figure('browser: the next visit', await open(), 'ms');
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
  await inBrowser();
}
