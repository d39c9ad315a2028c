// examples/pay-per-request: the commands of its README work.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { program } from '../../examples/pay-per-request/sandbox.mjs';
import { root, startHost } from './lib.mjs';
import { freePort, scratchFolder } from './lib_process.mjs';

test('the commands of the README sell one request', async (t) => {
  const data = scratchFolder();
  const host = await startHost({ data });
  t.after(() => host.stop());
  const [, commands] = /^```sh\n([^]*?)\n```$/m.exec(await readFile(`${root}examples/pay-per-request/README.md`, 'utf8'));
  const port = String(await freePort());
  const here = commands
    .replaceAll('127.0.0.1:3000', `127.0.0.1:${port}`)
    .replace('data/sandbox.env', join(data, 'sandbox.env'))
    .replace('build/lntpay', program);
  const { LNTPAY_API_KEY, LNTPAY_BASE_URL, ...env } = process.env;
  const { stdout } = await promisify(execFile)('bash', ['-ec', here], { cwd: root, env: { ...env, PORT: port }, timeout: 60_000 });
  assert.match(stdout, /^www-authenticate: L402 macaroon="/im);
  assert.match(stdout, /^www-authenticate: Payment id="/im);
  assert.match(stdout, /"error":"payment required",.*"payment_hash":"[0-9a-f]{64}"/);
  assert.match(stdout, /"error":"payment required",.*"checkout_url":"http/);
  assert.match(stdout, /^paid/m);
  assert.match(stdout, /"content":"The paid content\."/);
});
