// Retention on the real server and SQLite: at a constant load the file stops growing after the period. The sandbox's clock
// advances day by day. Prints what a delivered event takes.
//
//   EVENTS=300 DAYS=14                   events a day, days
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { program } from '../../examples/pay-per-request/sandbox.mjs';
import { startHost, until } from './lib.mjs';
import { scratchFolder } from './lib_process.mjs';

const a_day = Number(process.env.EVENTS ?? 300);
const days = Number(process.env.DAYS ?? 14);
const keep_days = 4;
const day_ms = 86_400_000;
/// A day's events are removed this many days later, at the latest: two passes after the period.
const removed_after_days = keep_days + 2;

const data = scratchFolder();
const start = () => startHost({ data, args: ['--keep-events-days', String(keep_days)] });
let host = await start();
after(() => host.stop());

const call = async (method, path, body, status = 200) => {
  const answer = await host.api(method, path, body);
  assert.equal(answer.status, status, `${method} ${path}: ${answer.text}`);
  return answer.json;
};
/// Between two runs of the host, when nothing is left in the write-ahead log.
async function fileBytes() {
  const { code } = await host.stop();
  assert.equal(code, 0);
  // Without the request log, which keeps a day of the host's time, whatever the sandbox's clock does.
  const copy = join(scratchFolder(), 'copy.db');
  copyFileSync(join(data, 'lntpay.db'), copy);
  execFileSync('sqlite3', [copy, "DELETE FROM rows WHERE key LIKE '%/request/req_%'; VACUUM"]);
  const { size } = statSync(copy);
  host = await start();
  return size;
}

async function startReceiver() {
  let received = 0;
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      ++received;
      response.writeHead(200).end('ok');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  after(() => server.close().closeAllConnections());
  return { url: `http://127.0.0.1:${server.address().port}/hook`, received: () => received };
}

/// `count` events, of which nothing but a note of the audit trail stays in the end.
async function emit(endpoint, count) {
  const worker = async () => {
    while (count-- > 0) {
      const answer = await host.api('POST', `/v1/webhook_endpoints/${endpoint.id}/test`, {});
      assert.ok(answer.status < 300, answer.text);
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}

const newestSeq = async () => (await call('GET', '/v1/events?limit=1&order=desc')).data[0].seq;
const oldestSeq = async () => (await call('GET', '/v1/events?limit=1')).oldest_seq;

test('at a constant load the file stops growing after the period', async (t) => {
  const receiver = await startReceiver();
  const endpoint = await call('POST', '/v1/webhook_endpoints', { url: receiver.url }, 201);
  assert.ok((await host.api('POST', '/v1/sandbox/fund', { amount_sats: 1_000 })).status < 300);
  const last_of_day = [];
  // The end of the first day, of the period, of the first day on which a whole one was removed, and the last day.
  const measured = [0, keep_days, removed_after_days + 1, days - 1];
  const bytes = [];
  for (let day = 0; day < days; ++day) {
    const before = receiver.received();
    await emit(endpoint, a_day);
    await until('every event is delivered', () => receiver.received() >= before + a_day);
    last_of_day.push(await newestSeq());
    await call('POST', '/v1/sandbox/clock/advance', { ms: day_ms });
    const removed = last_of_day[day - removed_after_days];
    if (removed) await until('the events past the period are removed', async () => (await oldestSeq()) > removed);
    if (measured.includes(day)) bytes.push(await fileBytes());
  }

  const list = await call('GET', '/v1/events?limit=100&after_seq=1');
  assert.equal(list.data[0].seq, list.oldest_seq, 'the list begins at the oldest event');
  assert.ok(list.oldest_seq > last_of_day[days - 1 - removed_after_days]);
  for (let i = 1; i < list.data.length; ++i) assert.equal(list.data[i].seq, list.data[i - 1].seq + 1, 'no gap');
  assert.ok(last_of_day[days - 1] - list.oldest_seq < (removed_after_days + 1) * a_day, 'no more than the period and two days');
  assert.equal((await call('GET', '/v1/ledger/verify')).ok, true);
  assert.equal((await call('GET', '/v1/balance')).available_sats, 1_000, 'money stays');
  assert.equal((await host.api('GET', `/v1/webhook_endpoints/${endpoint.id}`)).json.missed_events, 0);

  const growth = (which) => (bytes[which + 1] - bytes[which]) / ((measured[which + 1] - measured[which]) * a_day);
  const growing = growth(0);
  const flat = growth(2);
  const text = `a delivered event takes ${Math.round(growing - flat)} bytes; ${Math.round(flat)} more stay after the period`;
  t.diagnostic(`${text}; file: ${bytes.map((each) => Math.round(each / 1024)).join(' ')} KiB`);
  assert.ok(flat < growing / 3, text);
});

test('a store that was pruned passes its check', async () => {
  assert.equal((await host.stop()).code, 0);
  const check = spawnSync(program, ['store', 'check', '--data', data], { encoding: 'utf8' });
  assert.equal(check.status, 0, check.stdout + check.stderr);
});
