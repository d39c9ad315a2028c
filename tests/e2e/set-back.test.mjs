// A store that was set back: refused at start, accepted with a command, served. And folders and disks that cannot be written: the
// message names path and cause, at start and at run time.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { call, program, scratchFolder, sleep, startHost } from './lib_process.mjs';

const run = (args) => spawnSync(program, args, { encoding: 'utf8', timeout: 20_000 });

/// Starts a host that must fail, and returns its message.
function refusedStart(data, flags = []) {
  const { status, stderr, stdout } = run(['serve', '--sandbox', '--data', data, '--listen', '127.0.0.1:0', ...flags]);
  assert.equal(status, 1, stdout + stderr);
  assert.ok(!stdout.includes('Key'), stdout);
  const lines = stderr.trim().split('\n');
  assert.match(lines.at(-1), /^lntpay: /, stderr);
  return lines.at(-1);
}

async function credit(host, count) {
  for (let i = 0; i < count; ++i) {
    const made = await call(`${host.url}/v1/charges`, { method: 'POST', key: host.key, body: { amount_sats: 10 } });
    assert.equal(made.status, 201, made.text);
    const paid = await call(`${host.url}/v1/sandbox/charges/${made.json.id}/pay`, { method: 'POST', key: host.key, body: {} });
    assert.equal(paid.status, 200, paid.text);
  }
}
const balance = async (host) => (await call(`${host.url}/v1/balance`, { key: host.key })).json.available_sats;

/// A folder whose store holds `before` credits in the file, and 30 more in its log.
async function killedAfterCredits(before, args = []) {
  const data = scratchFolder();
  const first = await startHost({ data, args });
  await credit(first, before);
  await first.stop();
  const host = await startHost({ data, args });
  await credit(host, 30);
  assert.equal(await balance(host), 10 * (before + 30));
  await host.kill();
  return data;
}

const accept = (data, flags = []) => run(['store', 'accept', '--data', data, '--evidence', 'the log was deleted by mistake', ...flags]);

test('a deleted log is refused, accepted with evidence, and then served', async () => {
  const data = await killedAfterCredits(2);
  rmSync(join(data, 'lntpay.db-wal'));
  const why = refusedStart(data);
  const [, here, there, missing] = why.match(/lntpay\.db: it was set back: its last batch is (\d+), but its mark \S+lntpay\.db\.mark is at batch (\d+), so (\d+) /) ?? [];
  assert.ok(Number(missing) >= 30 && Number(there) - Number(here) === Number(missing), why);
  assert.ok(why.includes(`lntpay store accept --data ${data} --evidence TEXT`), why);
  assert.equal(refusedStart(data), why);

  assert.equal(run(['store', 'accept', '--data', data]).status, 2, 'evidence is required');
  const accepted = accept(data);
  assert.equal(accepted.status, 0, accepted.stderr);
  const { object, batch, mark_batch, restores } = JSON.parse(accepted.stdout);
  assert.deepEqual([object, String(batch), String(mark_batch), restores], ['store_acceptance', here, there, 1]);
  assert.match(accepted.stderr, /lntpay node totals/);

  const host = await startHost({ data });
  assert.equal(await balance(host), 20);
  const { operator_token } = JSON.parse(readFileSync(join(data, 'secrets.json'), 'utf8'));
  const trail = await call(`${host.url}/v1/admin/audit?action=node.restored`, { key: operator_token });
  assert.equal(trail.json.data.length, 1, trail.text);
  assert.match(trail.text, new RegExp(`store accepted at batch ${here}, its mark was at batch ${there}: the log was deleted by mistake`));
  await credit(host, 1);
  await host.stop();
  await (await startHost({ data })).stop();
});

const storeBytes = (data) => Object.fromEntries(['lntpay.db', 'lntpay.db-wal'].map((name) => [name, existsSync(join(data, name)) && readFileSync(join(data, name)).toString('base64')]));

test('a refused start changes neither file nor log; the right file serves all', async () => {
  const data = scratchFolder();
  const first = await startHost({ data });
  await credit(first, 2);
  await first.stop();
  copyFileSync(join(data, 'lntpay.db'), join(data, 'backup'));
  const second = await startHost({ data });
  await credit(second, 30);
  await second.stop();
  const third = await startHost({ data });
  await credit(third, 3);
  await third.kill();
  const right = storeBytes(data);
  const putBack = (name, bytes) => writeFileSync(join(data, name), bytes);
  const intact = (name) => Buffer.from(right[name], 'base64');

  // An older file beside the newer log.
  copyFileSync(join(data, 'backup'), join(data, 'lntpay.db'));
  const mixed = storeBytes(data);
  refusedStart(data);
  assert.deepEqual(storeBytes(data), mixed);
  putBack('lntpay.db', intact('lntpay.db'));

  // A flipped bit half way into the log, which ends the log there.
  const log = intact('lntpay.db-wal');
  log[log.length >> 1] ^= 1;
  putBack('lntpay.db-wal', log);
  const flipped = storeBytes(data);
  assert.match(refusedStart(data), /it was set back/);
  assert.deepEqual(storeBytes(data), flipped);
  assert.equal(run(['store', 'check', '--data', data]).status, 1);
  assert.deepEqual(storeBytes(data), flipped);
  putBack('lntpay.db-wal', intact('lntpay.db-wal'));

  const host = await startHost({ data });
  assert.equal(await balance(host), 350);
  await host.stop();
});

test('accepting needs evidence, and a flag where store and mark agree', async () => {
  const data = scratchFolder();
  const host = await startHost({ data });
  await credit(host, 1);
  await host.stop();
  const before = storeBytes(data);
  for (const evidence of ['', '  ']) {
    const { status, stderr } = run(['store', 'accept', '--data', data, '--evidence', evidence]);
    assert.equal(status, 2, stderr);
    assert.match(stderr, /--evidence is empty/);
  }
  const agreed = accept(data);
  assert.equal(agreed.status, 1);
  assert.match(agreed.stderr, /and its mark, at batch \d+, agree: .* run: lntpay store accept --data \S+ --both-were-restored --evidence TEXT/);
  assert.deepEqual(storeBytes(data), before);
  const accepted = accept(data, ['--both-were-restored']);
  assert.equal(accepted.status, 0, accepted.stderr);
  assert.doesNotMatch(accepted.stderr, /missing batches/);
  assert.match(accepted.stderr, /what was created after the backup is not in it/);
  await (await startHost({ data })).stop();
});

test('the mark of another store is named, not proposed to be overwritten', async () => {
  const [data, other] = [scratchFolder(), scratchFolder()];
  for (const folder of [data, other]) {
    const host = await startHost({ data: folder });
    await credit(host, folder === data ? 1 : 5);
    await host.stop();
  }
  const flags = ['--store-mark', join(other, 'lntpay.db.mark')];
  const why = refusedStart(data, flags);
  assert.match(why, /its mark \S+ belongs to another store/);
  assert.doesNotMatch(why, /store accept/);
  assert.match(accept(data, flags).stderr, /belongs to another store/);
  await (await startHost({ data: other })).stop();
});

test('the check of a store finds that it was set back, and names a cut', async () => {
  const data = await killedAfterCredits(1);
  rmSync(join(data, 'lntpay.db-wal'));
  const check = () => run(['store', 'check', '--data', data]);
  const found = check();
  assert.equal(found.status, 1, found.stderr);
  assert.match(found.stdout, /it was set back: its last batch is \d+, .*\n.*not good\. Findings: 1/);
  copyFileSync(join(data, 'lntpay.db.mark'), join(data, 'mark'));
  rmSync(join(data, 'lntpay.db.mark'));
  assert.match(check().stderr, /there is no mark/);
  assert.equal(run(['store', 'check', '--data', data, '--store-mark', join(data, 'mark')]).status, 1);

  writeFileSync(join(data, 'lntpay.db'), readFileSync(join(data, 'lntpay.db')).subarray(0, 8_192));
  for (const why of [check().stderr, refusedStart(data)]) {
    assert.match(why, /it was cut off: it has 8192 bytes, but its header counts \d+ pages of 4096 /);
    assert.ok(why.includes(`Restore a backup, then run: lntpay store accept --data ${data} --evidence TEXT`), why);
  }
  writeFileSync(join(data, 'lntpay.db'), 'x'.repeat(9_000));
  assert.equal(check().status, 2);
  for (const why of [check().stderr, refusedStart(data)]) assert.match(why, /it is damaged \(file is not a database \(SQLite 26\)\)\. Keep this file/);
  writeFileSync(join(data, 'lntpay.db'), '');
  assert.match(refusedStart(data), /it is empty, but \S+ shows that it held rows\. Restore it from a backup, .* only a new folder can be served/);
});

test('the whole history in a deleted log is refused too', async () => {
  const data = scratchFolder();
  const host = await startHost({ data });
  await credit(host, 3);
  await host.kill();
  rmSync(join(data, 'lntpay.db-wal'));
  assert.match(refusedStart(data), /it was set back: its last batch is 0, /);
  assert.equal(accept(data).status, 0);
  const empty = await startHost({ data });
  assert.equal(await balance(empty), 0);
  await empty.stop();
});

test('a restored backup is refused, a kill without loss is not', async () => {
  const data = await killedAfterCredits(1);
  const host = await startHost({ data });
  assert.equal(await balance(host), 310);
  await host.stop();
  copyFileSync(join(data, 'lntpay.db'), join(data, 'backup'));
  const later = await startHost({ data });
  await credit(later, 1);
  await later.stop();
  copyFileSync(join(data, 'backup'), join(data, 'lntpay.db'));
  assert.match(refusedStart(data), /it was set back/);
});

test('a mark on a path of its own is used by serve, accept and doctor', async () => {
  const mark = join(scratchFolder(), 'mark');
  const flags = ['--store-mark', mark];
  const data = await killedAfterCredits(1, flags);
  assert.ok(!existsSync(join(data, 'lntpay.db.mark')));
  const doctor = JSON.parse(run(['doctor', '--data', data, ...flags]).stdout);
  assert.deepEqual(doctor.map(({ check, result }) => [check, result]), [['store mark', 'warning']]);
  assert.match(doctor[0].detail, /is on the volume of the store/);
  rmSync(join(data, 'lntpay.db-wal'));
  assert.ok(refusedStart(data, flags).includes(`--store-mark ${mark} --evidence TEXT`));
  assert.equal(accept(data, flags).status, 0);
  await (await startHost({ data, args: flags })).stop();
});

test('a missing database is not replaced by an empty one', async () => {
  for (const kept of ['secrets.json', 'lntpay.db.mark']) {
    const data = scratchFolder();
    const host = await startHost({ data });
    await host.stop();
    for (const file of readdirSync(data)) if (file.startsWith('lntpay.db') && file !== kept) rmSync(join(data, file));
    assert.match(refusedStart(data), new RegExp(`lntpay\\.db: it is missing, but \\S+${kept} shows that it existed\\. Restore it from a backup`));
    assert.ok(!existsSync(join(data, 'lntpay.db')));
    assert.match(accept(data).stderr, /lntpay\.db does not exist\. Restore it from a backup/);
  }
});

test('secrets without a store are no loss: the first start may have failed', async () => {
  const data = scratchFolder();
  const memory = await startHost({ data, args: ['--store', 'memory'] });
  await memory.stop();
  assert.ok(existsSync(join(data, 'secrets.json')));
  await (await startHost({ data })).stop();
});

test('the secrets of another instance are named as the cause', async () => {
  const [data, other] = [scratchFolder(), scratchFolder()];
  for (const folder of [data, other]) await (await startHost({ data: folder })).stop();
  copyFileSync(join(data, 'secrets.json'), join(data, 'own.json'));
  copyFileSync(join(other, 'secrets.json'), join(data, 'secrets.json'));
  const why = refusedStart(data);
  assert.ok(why.includes(`the secrets.json in ${data} belongs to another store`), why);
  assert.match(accept(data).stderr, /belongs to another store/);
  copyFileSync(join(data, 'own.json'), join(data, 'secrets.json'));
  await (await startHost({ data })).stop();
});

/// A folder on a file system of its own, or undefined where this user may not mount one.
function mounted(t, size) {
  const folder = join(scratchFolder(), 'disk');
  mkdirSync(folder);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'lntpay-test', folder], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  t.after(() => spawnSync('umount', ['-l', folder]));
  return folder;
}

test('a full disk is named: at start, and in the log at run time', async (t) => {
  const data = mounted(t, '32m');
  if (!data) return t.skip('this user cannot mount a tmpfs');
  const host = await startHost({ data, args: ['--engine', 'native'] });
  await credit(host, 1);
  const fill = (bytes) => spawnSync('dd', ['if=/dev/zero', `of=${join(data, 'fill')}`, 'bs=4096', `count=${bytes / 4096}`]);
  fill(64 << 20);
  let refused;
  for (let i = 0; i < 2_000 && refused?.status !== 503; ++i) {
    refused = await call(`${host.url}/v1/charges`, { method: 'POST', key: host.key, body: { amount_sats: 10 } });
  }
  assert.equal(refused.json.error.code, 'storage_unavailable');
  const logged = () => host.output().split('\n').find((each) => each.includes('store_failed') && each.endsWith('}'));
  for (let i = 0; i < 100 && !logged(); ++i) await sleep(50);
  const line = logged();
  assert.match(JSON.parse(line).reason, /^store \S+lntpay\.db: its disk is full \(.*\): No space left on device\. Free some space on the disk of \S+/);
  rmSync(join(data, 'fill'));
  await credit(host, 1);
  assert.equal(await balance(host), 20);
  await host.kill();
  fill(64 << 20);
  rmSync(join(data, 'secrets.json'));
  rmSync(join(data, 'lntpay.db'));
  rmSync(join(data, 'lntpay.db-wal'));
  rmSync(join(data, 'lntpay.db.mark'));
  fill(64 << 20);
  const why = refusedStart(data, ['--engine', 'native']);
  assert.match(why, /secrets\.json cannot be written: No space left on device\. Free some space/);
});

test('a read-only folder is named, new or with a store', async (t) => {
  const isRoot = process.getuid() === 0;
  const data = isRoot ? mounted(t, '32m') : scratchFolder();
  if (!data) return t.skip('this user cannot mount a tmpfs');
  const protect = (yes) => {
    if (!isRoot) return chmodSync(data, yes ? 0o500 : 0o700);
    execFileSync('mount', ['-o', `remount,${yes ? 'ro' : 'rw'}`, data]);
  };
  if (!isRoot) t.after(() => protect(false));
  const cause = isRoot ? 'Read-only file system' : 'Permission denied';
  const flags = ['--engine', 'native'];
  protect(true);
  const fresh = refusedStart(data, flags);
  assert.ok(fresh.includes(`${join(data, 'secrets.json')} cannot be written: ${cause}. `), fresh);
  protect(false);
  const host = await startHost({ data, args: flags });
  await host.stop();
  protect(true);
  const why = refusedStart(data, flags);
  assert.ok(why.includes(`store ${join(data, 'lntpay.db')}: `) && why.includes(`${cause}. `), why);
});

test('a data folder that is a file is named', () => {
  const file = join(scratchFolder(), 'data');
  writeFileSync(file, '');
  assert.match(refusedStart(file), /^lntpay: the data folder \S+: /);
});

test('a file that is no mark is neither used nor overwritten', async () => {
  const data = scratchFolder();
  const notes = join(data, 'notes.txt');
  writeFileSync(notes, 'my notes\n');
  assert.match(refusedStart(data, ['--store-mark', notes]), /notes\.txt: it is not a mark of LNTPay/);
  assert.equal(readFileSync(notes, 'utf8'), 'my notes\n');
});
