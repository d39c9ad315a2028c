// LNTPay's Worker on the real workerd, on this machine: for `make workers`, the tests and the examples.
//
//   node local-workers.mjs [--port 8402] [--data data/workers]
import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Miniflare } from 'miniflare';
import { makeWorkspace, newSecretsText, readOrMake } from '../js/bootstrap.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
export { Miniflare };
export const modules_root = join(here, '../..');
const not_of_a_worker = /^(instantiate|build-worker|bootstrap|new-secrets|local-workers|programs|static-files)\.mjs$/;

function run(script) {
  const { status, stderr } = spawnSync(process.execPath, [join(here, script)], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

/** The service binding of a Worker with a gate. */
export const gates_binding = { serviceBindings: { LNTPAY: { name: 'lntpay', entrypoint: 'Gates' } } };

/** The files of build/resources as static assets, if they were made; on Cloudflare, `_headers` in that folder has their headers. */
async function assets() {
  const directory = join(modules_root, 'build/resources');
  const list = await readFile(join(directory, 'resources.json'), 'utf8').catch(() => undefined);
  if (!list) return {};
  const rules = Object.fromEntries(JSON.parse(list).map(({ path, type, headers }) => [path, {
    set: { 'content-type': type, 'access-control-allow-origin': '*', 'cache-control': 'public, max-age=300', 'x-content-type-options': 'nosniff', ...headers },
  }]));
  return { assets: { directory, routerConfig: { has_user_worker: true }, assetConfig: { headers: { version: 2, rules } } } };
}

/** Every module that `entry` may load, itself first. (wrangler finds them without a list.) */
export async function modulesBehind(entry = join(here, 'worker.mjs')) {
  run('build-worker.mjs');
  const paths = [entry];
  for (const folder of [join(here, '../js'), here, join(here, 'engine')]) {
    for (const name of await readdir(folder)) {
      if (/^[^.].*\.(m?js|wasm)$/.test(name) && !not_of_a_worker.test(name)) paths.push(join(folder, name));
    }
  }
  const one = async (path) => (path.endsWith('.wasm')
    ? { type: 'CompiledWasm', path, contents: await readFile(path) }
    : { type: 'ESModule', path, contents: await readFile(path, 'utf8') });
  return Promise.all([...new Set(paths)].map(one));
}

/**
 * @param {object} options
 * @param {number} options.port
 * @param {string} options.data the folder of rows and alarms
 * @param {string} options.secrets from newSecretsText
 * @param {object} [options.bindings] variables; they override those of a local sandbox
 * @param {object[]} [options.modules] from modulesBehind
 * @param {object[]} [options.beside] more Workers, as options of miniflare
 * @param {(text: string) => void} [options.log]
 * @returns {Promise<Miniflare>} ready; `dispose` stops it
 */
export async function startLocal({ port, data, secrets, bindings, modules, beside = [], log = (text) => process.stderr.write(text) }) {
  const lntpay = {
    name: 'lntpay',
    modulesRoot: modules_root,
    modules: modules ?? (await modulesBehind()),
    compatibilityDate: '2026-06-01',
    durableObjects: { SHARDS: { className: 'Shard', useSQLite: true } },
    ...gates_binding,
    ...(await assets()),
    bindings: {
      LNTPAY_SECRETS: secrets,
      LNTPAY_BASE_URL: `http://127.0.0.1:${port}`,
      LNTPAY_ALLOW_LOOPBACK: '1',
      ...bindings,
    },
  };
  const runtime = new Miniflare({
    host: '127.0.0.1',
    port,
    durableObjectsPersist: data,
    handleRuntimeStdio(out, err) {
      for (const stream of [out, err]) stream.setEncoding('utf8').on('data', log);
    },
    workers: [lntpay, ...beside],
  });
  try {
    await runtime.ready;
  } catch (error) {
    await runtime.dispose();
    throw error;
  }
  return runtime;
}

async function main() {
  const { values } = parseArgs({ options: { port: { type: 'string', default: '8402' }, data: { type: 'string', default: 'data/workers' } } });
  const { port, data } = values;
  const url = `http://127.0.0.1:${port}`;
  await mkdir(data, { recursive: true, mode: 0o700 });
  const secrets = await readOrMake(join(data, 'secrets.json'), newSecretsText);
  await startLocal({ port: Number(port), data, secrets });
  const key = await readOrMake(join(data, 'test.key'), async () => (await makeWorkspace(url, secrets, 'sandbox')).api_keys.test);
  console.log(`LNTPay on workerd: ${url}/v1\nLNTPAY_BASE_URL=${url}/v1 LNTPAY_API_KEY=${key}\n\nPress Ctrl-C to stop; the rows stay in ${data}.`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
