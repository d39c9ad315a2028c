// The examples for Express, FastAPI, net/http and axum: an existing service whose requests are paid, in ten lines. Each runs where its
// language is installed.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { root, startHost, until } from './lib.mjs';
import { freePort, program, scratchFolder } from './lib_process.mjs';

const examples = join(root, 'examples');
const start_ms_max = 300_000;
let host, api, gate, key;

/// Gate and key, by the commands of examples/README.md.
before(async () => {
  host = await startHost();
  ({ api } = host);
  const [, commands] = /^```sh\n([^]*?)\n```$/m.exec(readFileSync(join(examples, 'README.md'), 'utf8'));
  const script = `set -a; . ${host.data}/sandbox.env; set +a\n${commands.replace('build/lntpay', program)}\necho "$LNTPAY_GATE $LNTPAY_API_KEY"`;
  const { status, stdout, stderr } = spawnSync('bash', ['-ec', script], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  [, gate, key] = /^(gate_\S+) (lnt_test_\S+)$/m.exec(stdout);
});
after(() => host?.stop());

const isInstalled = (program, ...args) => spawnSync(program, args).status === 0;

/// Starts a service, and stops it with its children after the test. Yields its address.
async function start(t, program, args, options = {}) {
  const port = await freePort();
  const settings = { LNTPAY_BASE_URL: `${host.url}/v1`, LNTPAY_API_KEY: key, LNTPAY_GATE: gate, PORT: String(port) };
  const child = spawn(program, args(port), { ...options, detached: true, env: { ...process.env, ...settings, ...options.env } });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text));
  t.after(() => child.exitCode ?? process.kill(-child.pid, 'SIGKILL'));
  const url = `http://127.0.0.1:${port}`;
  const answers = () => fetch(url).then(() => true, () => false);
  await until(`${program} answers`, async () => {
    assert.equal(child.exitCode, null, said);
    return answers();
  }, start_ms_max);
  return url;
}

/// How many uses were committed and released so far.
async function endsOfUses() {
  const count = async (type) => (await api('GET', `/v1/events?types=${type}&limit=100`)).json.data.length;
  return { 'gate.redeemed': await count('gate.redeemed'), 'gate.released': await count('gate.released') };
}

/// The headers of a 402, as a client reads them.
const challenge = (response) => {
  const line = response.headers.get('www-authenticate') ?? '';
  const part = (name) => new RegExp(`${name}="([^"]+)"`).exec(line)?.[1];
  return { schemes: ['L402 ', 'Payment '].filter((scheme) => line.includes(scheme)), token: part('token'), invoice: part('invoice') };
};

/// The first paid request, what must not pass, and a request whose handler fails.
async function sells(url) {
  const before = await endsOfUses();
  const ends = async (type) => (await endsOfUses())[type] - before[type];
  const get = (authorization, path = '/reports/7') => fetch(url + path, { headers: authorization ? { authorization } : {} });
  const asked = await get();
  assert.equal(asked.status, 402);
  const { schemes, token, invoice } = challenge(asked);
  assert.deepEqual(schemes, ['L402 ', 'Payment ']);
  const { preimage } = (await api('POST', '/v1/sandbox/wallet/pay', { bolt11: invoice })).json;
  assert.equal((await get(`L402 ${token}:${'0'.repeat(64)}`)).status, 401, 'forged');
  assert.equal((await get(`L402 ${token}:${preimage}`, '/reports/8')).status, 402, 'paid for another report');
  const paid = await get(`L402 ${token}:${preimage}`);
  assert.equal(paid.status, 200);
  assert.equal(Number((await paid.json()).report), 7);
  await until('the use is committed', async () => (await get(`L402 ${token}:${preimage}`)).status === 402);
  assert.equal(await ends('gate.redeemed'), 1, 'one payment, one report');

  // Report 0 fails: its payment passes again.
  const failing = challenge(await get(undefined, '/reports/0'));
  const { preimage: proof } = (await api('POST', '/v1/sandbox/wallet/pay', { bolt11: failing.invoice })).json;
  const fails = async () => (await get(`L402 ${failing.token}:${proof}`, '/reports/0')).status;
  assert.equal(await fails(), 500);
  await until('the use is released', async () => (await fails()) === 500);
  assert.ok((await ends('gate.released')) >= 1);
  assert.equal(await ends('gate.redeemed'), 1, 'a failure takes nothing');
}

/// Lines of code between the markers; a line that only closes a bracket is none.
function addedLines(file) {
  const parts = readFileSync(join(examples, file), 'utf8').matchAll(/LNTPay >\n([^]*?)\n[^\n]*< LNTPay/g);
  const added = [...parts].flatMap(([, part]) => part.split('\n'));
  return added.filter((line) => !/^[\s})\];]*$/.test(line)).length;
}

test('each example adds at most ten lines', () => {
  for (const file of ['express/server.mjs', 'fastapi/service.py', 'go/main.go', 'axum/src/main.rs']) {
    const lines = addedLines(file);
    assert.ok(lines > 0 && lines <= 10, `${file}: ${lines}`);
  }
});

test('Express sells a report', async (t) => {
  const folder = scratchFolder();
  copyFileSync(join(examples, 'express/server.mjs'), join(folder, 'server.mjs'));
  symlinkSync(join(root, 'tests/node_modules'), join(folder, 'node_modules'));
  await sells(await start(t, process.execPath, () => [join(folder, 'server.mjs')]));
});

const libraries = join(root, 'build/python-tests');
const hasFastApi = isInstalled('env', `PYTHONPATH=${libraries}`, 'python3', '-c', 'import fastapi, uvicorn');
test('FastAPI sells a report', { skip: !hasFastApi && 'fastapi is not installed: cmake/setup.sh test' }, async (t) => {
  const args = (port) => ['-m', 'uvicorn', 'service:app', '--port', String(port), '--log-level', 'warning'];
  await sells(await start(t, 'python3', args, { cwd: join(examples, 'fastapi'), env: { PYTHONPATH: libraries, PYTHONDONTWRITEBYTECODE: '1' } }));
});

test('net/http sells a report', { skip: !isInstalled('go', 'version') && 'Go is not installed' }, async (t) => {
  await sells(await start(t, 'go', () => ['run', '.'], { cwd: join(examples, 'go') }));
});

test('axum sells a report', { skip: !isInstalled('cargo', '--version') && 'Rust is not installed' }, async (t) => {
  const args = () => ['run', '-q', '--locked', '--offline', '--target-dir', join(root, 'build/axum')];
  await sells(await start(t, 'cargo', args, { cwd: join(examples, 'axum') }));
});
