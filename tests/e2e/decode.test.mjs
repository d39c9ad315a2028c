// `lntpay decode`: a JSON line for each invoice, from arguments or standard input, and its exit codes. No server runs.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { program } from './lib_process.mjs';

const good =
  'lnbc2500u1pvjluezsp5zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zygspp5qqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqypq' +
  'dq5xysxxatsyp3k7enxv4jsxqzpu9qrsgquk0rl77nj30yxdy8j9vdx85fkpmdla2087ne0xh8nhedh8w27kyke0lp53ut353s06fv3qfegext0eh0ymjpf39tuven09sam30g4vgpfna3rh';
const bad = good.replace('pvjluez', 'pvjluee');

function decode(args, input = '') {
  const ran = spawnSync(program, ['decode', ...args], { input, encoding: 'utf8' });
  const lines = ran.stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line));
  return { code: ran.status, lines, verdicts: lines.map((line) => line.valid) };
}

test('an invoice is one JSON line, as people paste it', () => {
  const upper = good.toUpperCase();
  for (const text of [good, `lightning:${good}`, `LIGHTNING:${upper}`, `${good}\n`, ` \t${good} \n`, `bitcoin:bc1qx?amount=1&lightning=${good}`]) {
    const { code, lines } = decode([text]);
    assert.equal(code, 0);
    assert.equal(lines.length, 1);
    assert.equal(lines[0].amount_sats, 250_000);
    assert.equal(lines[0].description, '1 cup coffee');
    assert.equal(lines[0].payee, '03e7156ae33b0a208d0744199163177e909e80176e55d97a2f221ede0f934dd9ad');
  }
});

test('standard input takes one invoice a line; an invalid one makes the exit code 1', () => {
  assert.deepEqual(decode([], `${good}\n\n  ${good}\r\n`), { code: 0, lines: decode([good, good]).lines, verdicts: [true, true] });
  const mixed = decode(['-'], `${good}\n${bad}\n${good}`);
  assert.equal(mixed.code, 1);
  assert.deepEqual(mixed.verdicts, [true, false, true]);
  assert.equal(mixed.lines[1].reason, 'checksum_wrong');
  assert.equal(mixed.lines[1].at, null);
  assert.equal(mixed.lines[1].bolt11, bad);
});

test('an offer, an LNURL and a Lightning address are named', () => {
  const kinds = { 'lno1qcp4256ypqpq': 'offer', 'LNURL1DP68GURN8GHJ7': 'lnurl', 'user@example.com': 'lightning_address', 'bitcoin:bc1qx': 'bitcoin_address' };
  for (const [text, kind] of Object.entries(kinds)) {
    for (const { code, lines } of [decode([text]), decode([], `${text}\n`)]) {
      assert.equal(code, 1);
      assert.equal(lines[0].reason, `${kind}_not_invoice`);
    }
  }
});

test('a wrong flag is 2, no input is 0, an endless line is rejected in little memory', () => {
  assert.equal(decode(['--frobnicate']).code, 2);
  assert.deepEqual(decode([]).code, 0);
  const endless = decode([], 'q'.repeat(10_000_000));
  assert.equal(endless.code, 1);
  assert.equal(endless.lines[0].reason, 'too_long');
  assert.ok(endless.lines[0].bolt11.length < 8_000);
});
