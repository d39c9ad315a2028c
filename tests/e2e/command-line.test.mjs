// The program's help, welcome lines and listening addresses.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { root, until } from './lib.mjs';
import { program, scratchFolder } from './lib_process.mjs';

const lntpay = (args, env = {}) => promisify(execFile)(program, args, { env: { ...process.env, ...env } });
const variables = (text) => Object.fromEntries([...text.matchAll(/^(\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]));

test('with port 0 every line shows the port that was chosen', async (t) => {
  const data = scratchFolder();
  const host = spawn(program, ['serve', '--sandbox', '--store', 'memory', '--listen', '127.0.0.1:0', '--data', data]);
  t.after(() => host.kill('SIGKILL'));
  let said = '';
  for (const stream of [host.stdout, host.stderr]) stream.on('data', (text) => (said += text));
  const [, url] = await until('the welcome', () => said.match(/^ {2}API {2}(http:\S+)\/v1$/m));
  assert.match(url, /^http:\/\/127\.0\.0\.1:[1-9]\d*$/);
  assert.equal((await fetch(`${url}/readyz`)).status, 200);
  assert.ok(said.includes(`"url":"${url}"`), said);
  const env = variables(readFileSync(join(data, 'sandbox.env'), 'utf8'));
  assert.equal(env.LNTPAY_BASE_URL, `${url}/v1`);

  const made = JSON.parse((await lntpay(['keys', 'create', '--scopes', 'charges:read,charges:write', '--name', 'till'], env)).stdout);
  assert.match(made.key, /^lnt_test_/);
  assert.deepEqual(made.scopes, ['charges:read', 'charges:write']);
});

test('lntpay keys create --help lists scopes and environment variables', async () => {
  const { stdout } = await lntpay(['keys', 'create', '--help']);
  for (const name of ['LNTPAY_API_KEY', 'LNTPAY_BASE_URL', 'charges:write', 'webhooks:read', 'keys:write', 'sandbox:write']) assert.ok(stdout.includes(name), name);
});

test('the commands of the welcome, the README and docs/gates.md work when pasted', async (t) => {
  const data = scratchFolder();
  const host = spawn(program, ['serve', '--sandbox', '--listen', '127.0.0.1:0', '--data', data]);
  t.after(() => host.kill('SIGKILL'));
  let said = '';
  host.stdout.on('data', (text) => (said += text));
  const [, welcome] = await until('the welcome', () => said.match(/show the balance:\n\n([^]*?)\n\nCtrl-C/));
  const documents = ['README.md', 'docs/gates.md'].map((path) => readFileSync(join(root, path), 'utf8')).join('\n');
  const blocks = [...documents.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, block]) => block).filter((block) => block.includes('curl'));
  assert.equal(blocks.length, 2);
  const env = variables(readFileSync(join(data, 'sandbox.env'), 'utf8'));
  const paste = async (lines) => (await promisify(execFile)('bash', ['-euc', lines], { env: { ...process.env, ...env } })).stdout;
  for (const [lines, balance_sats] of [[welcome, 1_000], [blocks[0], 2_000], [blocks[1], 2_021]]) {
    const said = await paste(lines);
    const last = said.trimEnd().split('\n').at(-1);
    assert.equal(JSON.parse(last).available_sats, balance_sats, last);
    if (lines.includes('authorize')) assert.deepEqual([...said.matchAll(/^HTTP\/1.1 (\d+)/gm)].map(([, status]) => status), ['204', '401']);
  }
});
