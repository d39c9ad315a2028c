// kill -9 of the server under load, repeatedly on one folder; then everything that it acknowledged is verified.
//
//   node tests/e2e/kill9.test.mjs            SEED=… replays the random choices of clients and killer (not the machine's timing)
//   ROUNDS=90                                kills under load; one for every six of them hits the host while it starts
//
// Clients keep every intent until it is answered: after a kill they retry with the same Idempotency-Key. At the end each
// intent must be exactly one charge or withdrawal, each acknowledged payment exactly one credit, each withdrawal one lock and one
// end, and each replay the same bytes.
import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { call, freePort, listAll, program, scratchFolder, sleep, spawnHost, startHost } from './lib_process.mjs';

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const rounds = Number(process.env.ROUNDS ?? 90);
const clients = 8;
const engine = process.env.ENGINE ?? 'wasm';
/// A delivery interrupted by a kill is retried when its lease of 20 s expires.
const quiet_ms_max = 75_000;

function generator(from) {
  let state = from >>> 0;
  return () => {  // mulberry32
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
const killer = generator(seed);
const between = (random, low, high) => low + Math.floor(random() * (high - low + 1));

// --- The receiver of webhooks -------------------------------------------------------------------------------------------

/// "endpoint charge" -> {ids: webhook-ids, times}
const received = new Map();
let receiver_fails_for = () => false;
const receiver = createServer((asked, answer) => {
  let body = '';
  asked.on('data', (part) => (body += part));
  asked.on('end', () => {
    const event = JSON.parse(body);
    if (receiver_fails_for()) return answer.writeHead(500).end();
    const slot = `${asked.url.slice(1)} ${event.data.id}`;
    const seen = received.get(slot) ?? { ids: new Set(), times: 0 };
    seen.ids.add(asked.headers['webhook-id']);
    seen.times += 1;
    received.set(slot, seen);
    setTimeout(() => answer.writeHead(200).end(), 10);
  });
});
await new Promise((done) => receiver.listen(0, '127.0.0.1', done));
const receiver_url = `http://127.0.0.1:${receiver.address().port}`;

// --- Clients ------------------------------------------------------------------------------------------------------------

const problems = [];
const charges = [];   // {external_id, request, idempotencyKey, body: acknowledged text, charge, paid: the payment's answer, pay_asked}
const withdrawals = [];  // {bolt11, behavior, idempotencyKey, request, body: acknowledged text, withdrawal}
const intents = new Map();  // by client: its unanswered intent
const counts = { created: 0, withdrawn: 0, refused: 0, paid: 0, repeated: 0, replayed: 0, cut: 0 };
let serial = 0;
let key;
let url;

async function create(client, random) {
  let intent = intents.get(client);
  if (intent) counts.repeated += 1;
  if (!intent) {
    serial += 1;
    const metadata = { order: serial, note: 'ünï ₿ "quoted"' };
    intent = { external_id: `order-${serial}`, idempotencyKey: `kill9-${seed}-${serial}`, late: [] };
    intent.request = { amount_msat: between(random, 1, 5_000_000), description: `order ${serial}`, external_id: intent.external_id, metadata };
    intents.set(client, intent);
  }
  const answer = await call(`${url}/v1/charges`, { method: 'POST', key, idempotencyKey: intent.idempotencyKey, body: intent.request });
  if (answer.status === 409 && answer.json?.error?.code === 'idempotency_in_progress') return sleep(200);
  if (answer.status === 503) return sleep(20);
  intents.delete(client);
  if (answer.status !== 201) return void problems.push(`create ${intent.external_id}: ${answer.status} ${answer.text}`);
  counts.created += 1;
  charges.push(Object.assign(intent, { body: answer.text, charge: answer.json }));
}

/// "again": the host is busy with the same request, or is shutting down.
async function ask(path, idempotencyKey, body) {
  const answer = await call(`${url}/v1${path}`, { method: 'POST', key, idempotencyKey, body });
  const busy = answer.status === 503 || (answer.status === 409 && answer.json?.error?.code === 'idempotency_in_progress');
  if (busy) await sleep(100);
  return busy ? 'again' : answer;
}

async function withdraw(client, random) {
  let intent = intents.get(client);
  if (intent) counts.repeated += 1;
  if (!intent) {
    serial += 1;
    const behavior = ['succeed', 'succeed', 'fail', 'slow', 'unknown_then_succeed', 'unknown_then_fail'][between(random, 0, 5)];
    intent = { withdraws: true, behavior, idempotencyKey: `kill9-${seed}-${serial}`, amount_msat: between(random, 1_000, 2_000_000) };
    intents.set(client, intent);
  }
  if (!intent.request) {
    const made = await ask('/sandbox/invoices', `${intent.idempotencyKey}-invoice`, { amount_msat: intent.amount_msat, behavior: intent.behavior, expires_in: 3_600 });
    if (made === 'again') return;
    if (made.status !== 201) return void problems.push(`invoice: ${made.status} ${made.text}`);
    intent.request = { bolt11: made.json.bolt11, max_fee_sats: 50, external_id: intent.idempotencyKey };
  }
  const answer = await ask('/withdrawals', intent.idempotencyKey, intent.request);
  if (answer === 'again') return;
  intents.delete(client);
  if (answer.status === 422 && answer.json?.error?.code === 'insufficient_funds') return void (counts.refused += 1);
  if (answer.status !== 202) return void problems.push(`withdraw ${intent.idempotencyKey}: ${answer.status} ${answer.text}`);
  counts.withdrawn += 1;
  withdrawals.push(Object.assign(intent, { body: answer.text, withdrawal: answer.json }));
}

/// Starts a new intent, or retries the unanswered one.
const go_on = (client, random) => (intents.get(client)?.withdraws ? withdraw : create)(client, random);

async function pay(random) {
  const one = charges[between(random, Math.max(0, charges.length - 40), charges.length - 1)];
  if (!one || one.paid) return;
  const body = random() < 0.3 ? { delay_ms: between(random, 1, 1_500) } : {};
  one.pay_asked = true;
  const answer = await call(`${url}/v1/sandbox/charges/${one.charge.id}/pay`, { method: 'POST', key, body });
  if (answer.status === 503) return;
  // "No longer": an earlier attempt without a response, or another client, did it.
  const done_before = answer.status === 409 && answer.json?.error?.code === 'invalid_state';
  if (answer.status !== 200 && !done_before) return void problems.push(`pay ${one.charge.id}: ${answer.status} ${answer.text}`);
  if (!one.paid) counts.paid += 1;
  one.paid = answer;
}

async function replay(random) {
  const one = charges[between(random, 0, charges.length - 1)];
  if (!one) return;
  const answer = await call(`${url}/v1/charges`, { method: 'POST', key, idempotencyKey: one.idempotencyKey, body: one.request });
  if (answer.status === 503) return;
  counts.replayed += 1;
  if (answer.status !== 201 || answer.text !== one.body) problems.push(`replay ${one.external_id}: ${answer.status} ${answer.text} was ${one.body}`);
}

async function client(number, random, going) {
  while (going()) {
    const dice = random();
    try {
      if (intents.has(number)) await go_on(number, random);
      else if (dice < 0.4) await create(number, random);
      else if (dice < 0.5) await withdraw(number, random);
      else if (dice < 0.85) await pay(random);
      else await replay(random);
    } catch {
      counts.cut += 1;  // the host was killed: a retry shows the outcome
      return;
    }
    await sleep(between(random, 0, 12));
  }
}

/// Runs the clients until the host is killed.
const load = (host, round) =>
  Promise.all(Array.from({ length: clients }, (_, i) => client(i, generator(seed + round * 1_000 + i), () => host.child.exitCode === null && host.child.signalCode === null)));

// --- Kills --------------------------------------------------------------------------------------------------------------

const began = Date.now();
const seconds = () => ((Date.now() - began) / 1_000).toFixed(1);
console.log(`SEED=${seed} ROUNDS=${rounds} ENGINE=${engine}`);
let passed = 0;
let failed = 0;
function check(sentence, good, details) {
  if (good) passed += 1;
  else failed += 1;
  console.log(`${good ? 'ok  ' : 'FAIL'} ${sentence}`);
  if (!good && details !== undefined) console.log(`     ${JSON.stringify(details)}`.slice(0, 4_000));
}
const data = scratchFolder();
const options = { args: ['--engine', engine, '--rate-limit', '1000000/1'], data, port: await freePort() };
const endpoints = [];  // {id, from: number of charges paid before it was created}
receiver_fails_for = (() => {
  const random = generator(seed + 7);
  return () => random() < 0.02;
})();

let kills = 0;
let known_key;
for (let round = 0; round < rounds; round += 1) {
  if (round % 6 === 5) {
    const starting = spawnHost(options);
    await sleep(between(killer, 1, 120));
    starting.child.kill('SIGKILL');
    await starting.ended;
    kills += 1;
  }
  const host = await startHost(options);
  ({ key, url } = host);
  known_key ??= key;
  if (key !== known_key) problems.push(`round ${round}: the key has changed`);
  const acknowledged = charges.at(-1);
  if (acknowledged) {
    const there = await call(`${url}/v1/charges/${acknowledged.charge.id}`, { key });
    if (there.status !== 200) problems.push(`round ${round}: ${acknowledged.charge.id} is lost: ${there.status}`);
  }
  const ledger = await call(`${url}/v1/ledger/verify`, { key });
  if (ledger.json?.ok !== true) problems.push(`round ${round}: ledger: ${ledger.text}`);
  if (round % 2 === 0 && endpoints.length < 3) {
    const path = `r${round}`;
    const made = await call(`${url}/v1/webhook_endpoints`, { method: 'POST', key, body: { url: `${receiver_url}/${path}`, event_types: ['charge.paid'] } });
    if (made.status !== 201) problems.push(`webhook endpoint: ${made.status} ${made.text}`);
    const events = await eventsAfter(0);
    endpoints.push({ path, id: made.json?.id, after: events.at(-1)?.seq ?? 0 });
  }
  const work = load(host, round);
  await sleep(between(killer, 20, 250));
  await host.kill();
  await work;
  kills += 1;
}
console.log(`${kills} kills in ${seconds()} s: ${JSON.stringify(counts)}, ${intents.size} intents open`);

// --- Verification --------------------------------------------------------------------------------------------------------

async function eventsAfter(seq) {
  const events = [];
  for (let after = seq; ; ) {
    const page = await call(`${url}/v1/events?limit=100&after_seq=${after}`, { key });
    if (page.status !== 200) throw new Error(`events: ${page.status} ${page.text}`);
    events.push(...page.json.data);
    if (!page.json.has_more) return events;
    after = page.json.next_after_seq;
  }
}

const host = await startHost(options);
receiver_fails_for = () => false;
for (let tries = 0; intents.size > 0 && tries < 400; tries += 1) {
  for (const number of [...intents.keys()]) await go_on(number, Math.random);
}
check('interrupted requests are answered when they are retried', intents.size === 0, [...intents.values()]);
await sleep(2_000);  // delayed payments and their tasks

let listed = await listAll(`${url}/v1/charges`, key);
const paid_now = () => listed.filter((charge) => charge.status === 'paid');
const by_id = new Map(listed.map((charge) => [charge.id, charge]));
const per_intent = new Map();
for (const charge of listed) per_intent.set(charge.external_id, (per_intent.get(charge.external_id) ?? 0) + 1);

check(`no unexpected response during ${kills} kills`, problems.length === 0, problems.slice(0, 20));
check(`at least ${rounds} kills hit a busy host`, kills >= rounds && counts.cut >= rounds, counts);
const changing = new Set(['status', 'paid_at', 'settled_msat']);
const differs = charges.filter(({ charge }) => {
  const now = by_id.get(charge.id);
  return !now || Object.keys(charge).some((name) => !changing.has(name) && JSON.stringify(charge[name]) !== JSON.stringify(now[name]));
});
check(`every acknowledged charge exists as acknowledged (${charges.length})`, differs.length === 0 && charges.length > 0, differs.slice(0, 3));
check('each intent created exactly one charge', listed.length === charges.length && [...per_intent.values()].every((n) => n === 1), {
  listed: listed.length,
  acknowledged: charges.length,
  doubled: [...per_intent].filter(([, n]) => n !== 1).slice(0, 5),
});
let different_replays = 0;
for (const one of charges.filter((_, i) => i % 5 === 0)) {
  const again = await call(`${url}/v1/charges`, { method: 'POST', key, idempotencyKey: one.idempotencyKey, body: one.request });
  if (again.status !== 201 || again.text !== one.body || again.headers['idempotent-replayed'] !== 'true') different_replays += 1;
}
check('a repeated Idempotency-Key gets the same bytes', different_replays === 0, `${different_replays} differ`);

const unpaid = charges.filter((one) => one.paid && by_id.get(one.charge.id)?.status !== 'paid');
check(`every acknowledged payment is credited (${charges.filter((one) => one.paid).length})`, unpaid.length === 0, unpaid.slice(0, 3).map((one) => by_id.get(one.charge.id)));
const invented = paid_now().filter((charge) => !charges.find((one) => one.charge.id === charge.id)?.pay_asked);
check('only paid charges are marked paid', invented.length === 0, invented.slice(0, 3));

// Every withdrawal at the sandbox's node has an outcome after a day. Before its invoice expires, an hour after it was made, a send
// that a kill lost is made again: the clock takes small steps at first. After it, a failure that was sent twice is released by two
// polls, which are minutes apart: small steps again.
let withdrawn = [];
const is_over = (withdrawal) => withdrawal.status === 'succeeded' || withdrawal.status === 'failed';
const minutes_ahead = [5, 5, 5, 5, 5, 5, 24 * 60, 10, 10, 10];
for (const [step, minutes] of minutes_ahead.entries()) {
  const moved = await call(`${url}/v1/sandbox/clock/advance`, { method: 'POST', key, body: { ms: minutes * 60_000 } });
  if (moved.status !== 200) throw new Error(`advance: ${moved.status} ${moved.text}`);
  const wait_ms = step === minutes_ahead.length - 1 ? 3 * quiet_ms_max : 5_000;
  for (const since = Date.now(); Date.now() - since < wait_ms; await sleep(500)) {
    withdrawn = await listAll(`${url}/v1/withdrawals`, key);
    if (withdrawn.every(is_over)) break;
  }
}
listed = await listAll(`${url}/v1/charges`, key);
check(`every withdrawal ends (${withdrawn.length})`, withdrawn.length > 0 && withdrawn.every(is_over), withdrawn.filter((each) => !is_over(each)).slice(0, 3));
check('each intent created exactly one withdrawal', withdrawn.length === withdrawals.length && withdrawals.every(({ withdrawal }) => withdrawn.some(({ id }) => id === withdrawal.id)), {
  listed: withdrawn.length,
  acknowledged: withdrawals.length,
});
const by_behavior = new Map(withdrawals.map(({ withdrawal, behavior }) => [withdrawal.id, behavior.endsWith('fail') ? 'failed' : 'succeeded']));
const otherwise = withdrawn.filter(({ id, status }) => by_behavior.get(id) !== status);
check('each withdrawal ends as its payee recorded it', otherwise.length === 0, otherwise.slice(0, 3));

const all_entries = await listAll(`${url}/v1/ledger?order=asc`, key);
const entries = all_entries.filter(({ type }) => type === 'charge.credit');
const per_withdrawal = new Map();
for (const { type, reference } of all_entries) {
  if (type !== 'charge.credit') per_withdrawal.set(reference, `${per_withdrawal.get(reference) ?? ''} ${type}`);
}
const uneven = withdrawn.filter(({ id, status }) => per_withdrawal.get(id) !== ` withdrawal.lock withdrawal.${status === 'succeeded' ? 'settle' : 'release'}`);
check('each withdrawal has one lock and one resolution in the ledger', uneven.length === 0 && per_withdrawal.size === withdrawn.length, uneven.slice(0, 3));
const credits = new Map();
for (const entry of entries) credits.set(entry.reference, (credits.get(entry.reference) ?? 0) + 1);
check('each paid charge has exactly one ledger entry', entries.length === paid_now().length && paid_now().every((charge) => credits.get(charge.id) === 1), {
  entries: entries.length,
  paid: paid_now().length,
});
const balance = (await call(`${url}/v1/balance`, { key })).json;
const spent = withdrawn.filter(({ status }) => status === 'succeeded').reduce((total, each) => total + each.amount_msat + each.fee_msat, 0);
const sum = paid_now().reduce((total, charge) => total + charge.settled_msat, 0) - spent;
check(`the balance is payments minus withdrawals (${sum} msat)`, balance.available_msat === sum && balance.total_msat === sum, balance);
let proof = (await call(`${url}/v1/ledger/verify`, { key })).json;
while (proof.ok && !proof.complete) proof = (await call(`${url}/v1/ledger/verify?resume=${proof.resume}`, { key })).json;
check('the ledger verifies', proof.ok === true && proof.entries === all_entries.length, proof);

const offline = JSON.parse(execFileSync(program, ['ledger', 'export', join(data, 'ledger.csv')], {
  env: { ...process.env, LNTPAY_BASE_URL: url, LNTPAY_API_KEY: key },
  encoding: 'utf8',
}));
check('the ledger export verifies without the host', offline.entries === all_entries.length && offline.resume === proof.resume, offline);

const events = await eventsAfter(0);
const gap = events.findIndex((event, i) => event.seq !== i + 1);
check(`events have no gap from 1 on (${events.length})`, gap === -1 && events.length > 0, events[gap]);
const of_type = (type) => {
  const times = new Map();
  for (const event of events) if (event.type === type) times.set(event.data.id, (times.get(event.data.id) ?? 0) + 1);
  return times;
};
const [created, paid] = [of_type('charge.created'), of_type('charge.paid')];
check('each charge has exactly one charge.created', created.size === listed.length && [...created.values()].every((n) => n === 1) && listed.every((charge) => created.has(charge.id)));
check('each paid charge has exactly one charge.paid', paid.size === paid_now().length && [...paid.values()].every((n) => n === 1) && paid_now().every((charge) => paid.has(charge.id)));

const wanted = endpoints.flatMap((endpoint) =>
  events.filter((event) => event.type === 'charge.paid' && event.seq > endpoint.after).map((event) => ({ slot: `${endpoint.path} ${event.data.id}`, id: event.id })));
const missing = () => wanted.filter(({ slot }) => !received.has(slot));
const waiting_since = Date.now();
while (missing().length > 0 && Date.now() - waiting_since < quiet_ms_max) await sleep(200);
check(`each endpoint got each charge.paid at least once (${wanted.length})`, missing().length === 0 && wanted.length > 0, missing().slice(0, 5));
const unstable = wanted.filter(({ slot, id }) => [...(received.get(slot)?.ids ?? [id])].some((each) => each !== id));
check("a delivery's webhook-id is its event's, at every attempt", unstable.length === 0, unstable.slice(0, 5));
const times = [...received.values()];
console.log(`webhooks: ${times.length} accepted, ${times.filter((seen) => seen.times > 1).length} of them more than once, last after ${seconds()} s`);

await host.stop();
const integrity = execFileSync('sqlite3', [join(data, 'lntpay.db'), 'PRAGMA integrity_check'], { encoding: 'utf8' }).trim();
check('the database file is intact', integrity === 'ok', integrity);
receiver.close();
receiver.closeAllConnections();
console.log(`SEED=${seed}: ${seconds()} s`);
console.log(`${passed} passed, ${failed} failed, 0 skipped`);
process.exit(failed ? 1 : 0);
