// host-adapters/cloudflare on the real workerd, with fault switches. Not a suite.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../host-adapters/js/programs.mjs';
import { modulesBehind, startLocal } from '../../host-adapters/cloudflare/local-workers.mjs';
import { makeWorkspace, newSecretsText } from '../../host-adapters/js/bootstrap.mjs';
import { makeApi, root } from './lib.mjs';

/** The modules of the Worker of tests/e2e/workerd, with a replaced engine. */
async function modulesWith(replacement) {
  const folder = join(root, 'tests/e2e/workerd');
  const modules = await modulesBehind(join(folder, 'test_worker.mjs'));
  const engine = modules.find(({ path }) => path.endsWith('/cloudflare/worker-engine.mjs'));
  modules.push({ ...engine, path: join(root, 'host-adapters/cloudflare/real-engine.mjs') });
  engine.contents = await readFile(join(folder, replacement), 'utf8');
  const moments = join(root, 'tests/e2e/lib_fixed_moments.mjs');
  modules.push({ type: 'ESModule', path: moments, contents: await readFile(moments, 'utf8') });
  return modules;
}

/**
 * { url, api, keys, workspace, log(), turn(switch, value), restart(), stop() }; a restart kills the process and starts another on the
 * same rows.
 */
export async function startWorkerd({ bindings = {}, bootstrap = true, engine = 'trapping_engine.mjs', secrets = newSecretsText() } = {}) {
  const data = await mkdtemp(join(tmpdir(), 'lntpay-workerd-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const log = [];
  const options = {
    port,
    data,
    secrets,
    modules: await modulesWith(engine),
    bindings: { LNTPAY_RATE_LIMIT: '100000/60', LNTPAY_CHALLENGES_PER_CLIENT: '1000', ...bindings },
    log: (text) => log.push(text),
  };
  let runtime = await startLocal(options);
  const send = (path, { signal = AbortSignal.timeout(60_000), ...init } = {}) => fetch(url + path, { ...init, signal });
  const host = {
    url,
    log: () => log.join(''),
    /** Sets a switch of tests/e2e/workerd/test_worker.mjs; returns all of them. */
    turn: async (name, value) => (await send(`/test/${name}/${value ?? ''}`, { method: value === undefined ? 'GET' : 'POST' })).json(),
    async restart() {
      await runtime.dispose();
      runtime = await startLocal(options);
    },
    async stop() {
      await runtime.dispose();
      await rm(data, { recursive: true, force: true });
    },
  };
  if (!bootstrap) return host;
  const { id, api_keys } = await makeWorkspace(url, secrets, 'test');
  return Object.assign(host, { keys: api_keys, workspace: id, api: makeApi(send, api_keys.test) });
}
