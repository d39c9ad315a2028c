// Ledger exports: made by the commands of docs/formats.md, verified by its shell lines and by `lntpay ledger verify`.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { call, program, root, scratchFolder, startHost } from './lib_process.mjs';

const paid = 7;
const folder = scratchFolder();
const at = (name) => join(folder, name);
let host;
let env;

/// The code blocks below a heading of the documentation, each with the text before it.
function blocks(heading) {
  const text = readFileSync(join(root, 'docs/formats.md'), 'utf8');
  const section = text.slice(text.indexOf(`\n## ${heading}\n`) + 1).split(/\n## /)[0];
  return [...section.matchAll(/```(sh)?\n([^]*?)```/g)].map(([, language, code]) => ({ language, code }));
}
const exports_of_the_docs = blocks('Exports');
const [curl_loop, shell_proof] = exports_of_the_docs.filter(({ language }) => language === 'sh').map(({ code }) => code);
const example = exports_of_the_docs.find(({ language }) => !language).code.trim();

const shell = (script, more = {}) => execFileSync('bash', ['-euo', 'pipefail', '-c', script], { cwd: folder, env: { ...env, ...more }, encoding: 'utf8' });
const lntpay = (...args) => spawnSync(program, ['ledger', ...args], { cwd: folder, env, encoding: 'utf8' });
const fetched = async (query) => (await call(`${host.url}/v1/ledger/export${query}`, { key: host.key })).text;

before(async () => {
  host = await startHost({ args: ['--rate-limit', '100000/1'] });
  env = { ...process.env, LNTPAY_BASE_URL: `${host.url}/v1`, LNTPAY_API_KEY: host.key };
  for (let i = 1; i <= paid; i += 1) {
    const made = await call(`${host.url}/v1/charges`, { method: 'POST', key: host.key, body: { amount_sats: i } });
    const answer = await call(`${host.url}/v1/sandbox/charges/${made.json.id}/pay`, { method: 'POST', key: host.key, body: {} });
    assert.equal(answer.json.status, 'paid', answer.text);
  }
});
after(() => host?.stop());

test('the documented loop fetches the whole ledger, in pages', async () => {
  assert.match(curl_loop, /\?format=csv'/);
  shell(curl_loop.replace("?format=csv'", "?format=csv&limit=3'"));
  assert.equal(readFileSync(at('ledger.csv'), 'utf8'), await fetched('?format=csv'));
  shell(curl_loop.replaceAll('csv', 'jsonl').replace("jsonl'", "jsonl&limit=2'"));
  assert.equal(readFileSync(at('ledger.jsonl'), 'utf8'), await fetched('?format=jsonl'));
});

test("the documented shell lines compute the hash of the example and of every line", async () => {
  const lines = (await fetched('?format=csv')).trim().split('\n').slice(1);
  assert.equal(lines.length, paid);
  for (const line of [example, ...lines]) {
    const hash = line.split(',').at(-1);
    assert.equal(shell(shell_proof, { LINE: line }), `${hash}  -\n`);
    assert.notEqual(shell(shell_proof, { LINE: line.replace(',charge.credit,', ',adjustment,') }), `${hash}  -\n`);
  }
});

test('an export verifies from a file, parts or standard input, and matches the API', async () => {
  const proof = (await call(`${host.url}/v1/ledger/verify`, { key: host.key })).json;
  writeFileSync(at('one.csv'), await fetched('?limit=4'));
  writeFileSync(at('two.csv'), await fetched('?after_seq=4'));
  for (const args of [['ledger.csv'], ['ledger.jsonl'], ['one.csv', 'two.csv']]) {
    const ran = lntpay('verify', ...args);
    assert.equal(ran.status, 0, ran.stderr);
    const { ok, entries, resume, available_msat } = JSON.parse(ran.stdout);
    assert.deepEqual({ ok, entries, resume }, { ok: true, entries: paid, resume: proof.resume });
    assert.equal(available_msat, 28_000);
  }
  assert.equal(shell(`"${program}" ledger verify - <ledger.jsonl`), lntpay('verify', 'ledger.jsonl').stdout);
  const first = JSON.parse(lntpay('verify', 'one.csv').stdout);
  assert.equal(JSON.parse(lntpay('verify', '--resume', first.resume, 'two.csv').stdout).resume, proof.resume);
  const on = await call(`${host.url}/v1/ledger/verify?resume=${first.resume}`, { key: host.key });
  assert.equal(on.json.resume, proof.resume);
});

test('the documented example is a ledger of one entry', () => {
  writeFileSync(at('example.csv'), `${example}\n`);
  const ran = lntpay('verify', 'example.csv');
  assert.equal(ran.status, 0, ran.stderr);
  assert.equal(JSON.parse(ran.stdout).available_msat, 21_000);
});

test('an empty export verifies, and the command reports that it is empty', async () => {
  const header = (await fetched('?format=csv&limit=1')).split('\n')[0];
  for (const content of ['', `${header}\n`]) {
    writeFileSync(at('none.csv'), content);
    const ran = lntpay('verify', 'none.csv');
    assert.equal(ran.status, 0, ran.stderr);
    assert.equal(JSON.parse(ran.stdout).entries, 0);
    assert.match(ran.stderr, /no entry to verify/);
  }
});

test('a broken export exits with 1 and names the first bad entry and its rule', () => {
  const good = readFileSync(at('ledger.csv'), 'utf8').split('\n');
  const broken = (change, words) => {
    const lines = [...good];
    change(lines);
    writeFileSync(at('broken.csv'), lines.join('\n'));
    const ran = lntpay('verify', 'broken.csv');
    assert.equal(ran.status, 1, ran.stdout + ran.stderr);
    assert.equal(ran.stdout, '');
    assert.match(ran.stderr, words);
  };
  broken((lines) => (lines[3] = lines[3].replace(',3000,', ',3001,')), /^lntpay: broken\.csv: entry 3 \(line 4\): I5 a row never changes/);
  broken((lines) => lines.splice(3, 1), /entry 4 \(line 4\): I5 seq is gapless: expected 3, found 4/);
  broken((lines) => lines.splice(3, 0, lines[3]), /entry 3 \(line 5\): I5 seq is gapless/);
  broken((lines) => (lines[5] = 'hello'), /line 6 is not an entry/);
});

test('a missing file or an unknown flag exits with 2', () => {
  for (const args of [['verify'], ['verify', 'nothing.csv'], ['verify', '--resume', 'x', 'ledger.csv'], ['verify', '--what'], ['export', 'x', '--format', 'xml']]) {
    assert.equal(lntpay(...args).status, 2, args.join(' '));
  }
});

test("`lntpay ledger export` writes the API's export, and continues an existing file", async () => {
  for (const format of ['csv', 'jsonl']) {
    const name = `exported.${format}`;
    const whole = await fetched(`?format=${format}`);
    const ran = lntpay('export', '--format', format, name);
    assert.equal(ran.status, 0, ran.stderr);
    assert.equal(readFileSync(at(name), 'utf8'), whole);
    truncateSync(at(name), whole.length - 100);  // inside a line
    assert.equal(lntpay('export', '--format', format, name).status, 0);
    assert.equal(readFileSync(at(name), 'utf8'), whole);
  }
  writeFileSync(at('header.csv'), (await fetched('?limit=1')).split('\n')[0] + '\n');
  assert.equal(lntpay('export', 'header.csv').status, 0);
  assert.equal(readFileSync(at('header.csv'), 'utf8'), await fetched(''));
});

test('a file that is no export, or of another ledger, is left unchanged', () => {
  writeFileSync(at('notes.txt'), 'dear diary\nhalf a line');
  assert.equal(lntpay('export', 'notes.txt').status, 1);
  assert.equal(readFileSync(at('notes.txt'), 'utf8'), 'dear diary\nhalf a line');
  const before = readFileSync(at('example.csv'), 'utf8');
  const ran = lntpay('export', 'example.csv');
  assert.equal(ran.status, 1);
  assert.match(ran.stderr, /I5 the chain is whole/);
  assert.equal(readFileSync(at('example.csv'), 'utf8'), before);
});

test('without a server an export exits with 3, with an invalid key with 4', () => {
  const with_env = (more) => spawnSync(program, ['ledger', 'export', 'never.csv'], { cwd: folder, env: { ...env, ...more }, encoding: 'utf8' });
  assert.equal(with_env({ LNTPAY_BASE_URL: 'http://127.0.0.1:1/v1' }).status, 3);
  assert.equal(with_env({ LNTPAY_API_KEY: 'lnt_test_x' }).status, 4);
  assert.equal(with_env({ LNTPAY_API_KEY: '' }).status, 2);
  assert.equal(existsSync(at('never.csv')), false);
});
