// host-adapters/wasi-http on stock `wasmtime serve` over a real etcd. Not a suite.
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeWorkspace, newSecretsText } from '../../host-adapters/js/bootstrap.mjs';
import { startEtcd, startServe, tick } from '../../host-adapters/wasi-http/local-wasmtime.mjs';
import { makeApi } from './lib.mjs';

/**
 * `count` processes on one etcd: { etcd, hosts, api, apis, keys, workspace, secrets, tick(), stop() }; `apis` has one for each process, `api` is
 * the first. `etcd_urls` maps etcd's URL to the one that the hosts use, to put something in between.
 */
export async function startServes({ count = 1, env = {}, args, component, etcd_args, etcd_urls = (url) => url, bootstrap = true, secrets = newSecretsText() } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'lntpay-etcd-'));
  const etcd = await startEtcd({ data: folder, args: etcd_args });
  const hosts = [];
  const stop = async () => {
    for (const program of [...hosts, etcd]) await program.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    for (let i = 0; i < count; ++i) {
      const settings = { LNTPAY_RATE_LIMIT: '100000/60', LNTPAY_CHALLENGES_PER_CLIENT: '1000', ...env };
      hosts.push(await startServe({ secrets, etcd_url: await etcd_urls(etcd.url), env: settings, args, component }));
    }
    const common = { etcd, hosts, secrets, stop, tick: () => tick(hosts[0].url, secrets) };
    if (!bootstrap) return common;
    const { id, api_keys } = await makeWorkspace(hosts[0].url, secrets, 'test');
    const apis = hosts.map(({ url }) => makeApi((path, { signal = AbortSignal.timeout(60_000), ...init }) => fetch(url + path, { ...init, signal }), api_keys.test));
    return { ...common, apis, api: apis[0], keys: api_keys, workspace: id };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * A server between a host and etcd: `answer(forward, request, response)`, where `forward()` returns etcd's response. Yields { url, stop() }.
 */
export async function between(etcd_url, answer) {
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part) => (body += part)).on('end', () => {
      const forward = async () => {
        const said = await fetch(etcd_url + request.url, { method: 'POST', body });
        return { status: said.status, text: await said.text() };
      };
      answer(forward, { path: request.url, body }, response);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${server.address().port}`, stop: () => server.close().closeAllConnections() };
}

/** Retries a request that got 503: a row that is written at the same time makes it busy. */
export async function patiently(send) {
  for (let tries = 0; ; ++tries) {
    const answer = await send();
    if (answer.status !== 503 || tries === 20) return answer;
    await sleep(1_000 * Number(answer.headers.get('retry-after') ?? 1) * Math.random());
  }
}
