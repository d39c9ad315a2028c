// A data folder's keys, secrets and database belong together: a missing or invalid piece is reported, and nothing
// that exists is overwritten.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { startHost } from './lib.mjs';
import { program, scratchFolder } from './lib_process.mjs';

/// Starts a host that must fail, and returns its output.
function refusedStart(data) {
  const { status, stderr, stdout } = spawnSync(program, ['serve', '--sandbox', '--data', data, '--listen', '127.0.0.1:0'], { encoding: 'utf8', timeout: 20_000 });
  assert.equal(status, 1, stdout + stderr);
  assert.ok(!stdout.includes('Key'), stdout);
  return stderr;
}
/// The keys, without the address, which differs at every start.
const env = async (data) => (await readFile(join(data, 'sandbox.env'), 'utf8')).replace(/^LNTPAY_BASE_URL=.*\n/, '');

test('a rolled key is not replaced by another workspace', async () => {
  const data = scratchFolder();
  const host = await startHost({ data });
  const { id } = (await host.api('GET', '/v1/api_keys/current')).json;
  const rolled = await host.api('POST', `/v1/api_keys/${id}/roll`, {});
  assert.equal(rolled.status, 200, rolled.text);
  await host.stop();
  const before = await env(data);
  assert.match(refusedStart(data), /is not accepted; it may have been rolled or revoked\. Set LNTPAY_API_KEY there to the new key/);
  assert.equal(await env(data), before);
});

test('a database without its secrets is not opened with new secrets', async () => {
  const data = scratchFolder();
  const host = await startHost({ data });
  await host.stop();
  const before = await env(data);
  await rename(join(data, 'secrets.json'), join(data, 'backup.json'));
  assert.match(refusedStart(data), /secrets\.json is missing, but the database in the same folder needs it/);
  assert.ok(!existsSync(join(data, 'secrets.json')));
  await rename(join(data, 'backup.json'), join(data, 'secrets.json'));
  const again = await startHost({ data });
  assert.equal((await again.api('GET', '/v1/balance')).status, 200);
  await again.stop();
  assert.equal(await env(data), before);
});

test('unsaved keys keep their workspace', async () => {
  const data = scratchFolder();
  const first = await startHost({ data });
  await first.stop();
  await rm(join(data, 'sandbox.env'));
  const second = await startHost({ data });
  assert.deepEqual([second.env.LNTPAY_WORKSPACE, second.env.LNTPAY_API_KEY], [first.env.LNTPAY_WORKSPACE, first.env.LNTPAY_API_KEY]);
  await second.stop();
});

test('the folder keeps only the compiled component in use', async () => {
  const data = scratchFolder();
  await writeFile(join(data, 'engine-0123-wasmtime-1.cwasm'), 'old');
  await writeFile(join(data, 'engineering.txt'), 'of somebody else');
  const host = await startHost({ data });
  await host.stop();
  const files = await readdir(data);
  assert.equal(files.filter((name) => name.endsWith('.cwasm')).length, 1);
  assert.ok(!files.includes('engine-0123-wasmtime-1.cwasm'));
  assert.ok(files.includes('engineering.txt'));
});

test('the log contains no secret, wherever a client puts it', async () => {
  const host = await startHost({ logLevel: 'debug', args: ['--log-level', 'debug'] });
  const endpoint = await host.api('POST', '/v1/webhook_endpoints', { url: 'http://127.0.0.1:9/hook' });
  const made = await host.api('POST', '/v1/api_keys', { scopes: ['charges:read'] });
  const secrets = [host.env.LNTPAY_API_KEY, host.env.LNTPAY_LIVE_API_KEY, host.env.LNTPAY_OPERATOR_TOKEN, endpoint.json.secret, made.json.key];
  for (const secret of secrets) {
    assert.ok(secret?.length > 30, 'a secret to look for');
    await host.api('GET', `/v1/${secret}`);
    await host.api('DELETE', `/v1/api_keys/${secret}`);
    await host.api('GET', `/v1/charges?external_id=${secret}`);
    await host.api('POST', '/v1/charges', { amount_sats: 1 }, { key: secret });
  }
  const log = host.log().split('\n').filter((line) => line.startsWith('{'));
  assert.ok(log.length >= 4 * secrets.length, `${log.length} lines`);
  assert.ok(log.some((line) => line.includes('/v1/lnt_test_*')));
  for (const secret of secrets) for (const line of log) assert.ok(!line.includes(secret.slice(-20)), line);
  await host.stop();
});
