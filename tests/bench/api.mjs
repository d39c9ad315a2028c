// Reads of the API beside nginx in the same run: a charge, a page of a long list, and the files of the reference.
import { join } from 'node:path';
import { call, root, scratchFolder, startHost } from '../e2e/lib_process.mjs';
import { startBareServer } from './bare_server.mjs';
import { figure } from './figures.mjs';
import { cpuMs } from './machine.mjs';

const unlimited = ['--rate-limit', '100000000/1'];

/// Creates charges until there are `count`.
async function fill(host, count, putLoad) {
  for (let made = 0; made < count; ) {
    const seconds = Math.max(1, Math.min(30, Math.round((count - made) / 2_000)));
    const load = await putLoad({ script: 'charges.lua', url: host.url, env: { KEY: host.key, IDEMPOTENT: '' } }, seconds);
    if (load.refused || load.broken) throw new Error(`charges: ${JSON.stringify(load)}`);
    made += load.requests;
  }
}

export async function benchApi(putLoad, load_s, charges) {
  const load = async (url, target, seconds, key) => {
    const put = await putLoad({ script: 'gate.lua', url, env: { TARGET: target, ...(key && { AUTHORIZATION: `Bearer ${key}` }) } }, seconds);
    if (put.broken || put.refused) throw new Error(`${target}: ${JSON.stringify(put)}`);
    return { ...put, a_second: put.requests / (put.duration_us / 1e6) };
  };
  const data = scratchFolder();
  const host = await startHost({ data, args: [...unlimited, '--resources', join(root, 'build/resources')] });
  const measure = async (what, target, key, bare, targets = {}) => {
    await load(host.url, target, 1, key);
    const before = cpuMs(host.pid);
    const put = await load(host.url, target, load_s, key);
    const after = cpuMs(host.pid);
    const cpu_us = ((after.user + after.system - before.user - before.system) * 1_000) / put.requests;
    figure(`api: ${what} / bare server`, put.a_second / bare.a_second, 'x', { target: targets.ratio, a_second: Math.round(put.a_second) });
    figure(`api: ${what}, CPU of the host`, cpu_us, 'us');
    figure(`api: ${what}, p99`, put.p99_us / 1_000, 'ms', { bare_ms: bare.p99_us / 1_000 });
  };
  const hello = await startBareServer();
  const files = await startBareServer(join(root, 'build/resources'));
  try {
    const bare = await load(hello.url, '/', load_s);
    figure('api: bare server, requests a second', bare.a_second, '/s', { p99_ms: bare.p99_us / 1_000 });
    const { json: charge } = await call(`${host.url}/v1/charges`, { method: 'POST', key: host.key, body: { amount_sats: 21 } });
    await measure('a charge with a key', `/v1/charges/${charge.id}`, host.key, bare, { ratio: { min: 0.25 } });
    await fill(host, charges, putLoad);
    await measure(`a page of 100 of ${charges} charges`, '/v1/charges?limit=100', host.key, bare);
    for (const [path, file] of [['/openapi.json', '/openapi.json'], ['/docs', '/docs.html']])
      await measure(`${path} as a file`, path, undefined, await load(files.url, file, load_s), { ratio: { min: 0.8 } });
  } finally {
    hello.stop();
    files.stop();
    await host.stop();
  }
}
