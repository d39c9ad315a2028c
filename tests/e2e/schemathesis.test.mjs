// schemathesis: requests made from the OpenAPI document, valid and invalid, with every check (tests/e2e/schemathesis/). The run is the same each
// time; SEED=… makes another.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { root, startHost } from './lib.mjs';

const python = join(root, 'build/python-openapi');
const skip = existsSync(python) ? false : 'build/python-openapi is missing: cmake/setup.sh test';
let host, env;

before(async () => {
  if (skip) return;
  host = await startHost({ args: ['--engine', 'native', '--store', 'memory'], rate_limit: '1000000/60' });
  await host.api('POST', '/v1/sandbox/fund', { amount_sats: 1_000_000 });
  const { json } = await host.api('POST', '/v1/sandbox/invoices', { amount_sats: 10, expires_in: 86_400 });
  env = { ...process.env, PYTHONPATH: python, PYTHONDONTWRITEBYTECODE: '1', ...host.env, LNTPAY_BOLT11: json.bolt11 };
});
after(() => host?.stop());

test('no request that the document allows or forbids is answered in a way that it does not describe', { skip }, async () => {
  const args = ['-m', 'schemathesis.cli', '--config-file', 'schemathesis.toml', 'run', join(root, 'build/resources/openapi.json'), '--url', host.url,
    '--checks', 'all', '--no-color', ...(process.env.SEED ? ['--seed', process.env.SEED] : [])];
  const run = promisify(execFile)('python3', args, { cwd: join(root, 'tests/e2e/schemathesis'), env, encoding: 'utf8', maxBuffer: 1 << 28 });
  const { stdout } = await run.catch((failed) => assert.fail(`${failed.stdout}\n${failed.stderr}`.slice(-60_000)));
  const [, tested] = /^ *Tested: (\d+)$/m.exec(stdout);
  assert.ok(Number(tested) > 80, stdout);
});
