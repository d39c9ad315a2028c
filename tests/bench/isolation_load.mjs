// The load of the part `isolation`, in a process of its own so that it does not delay the measurements: a silent name server,
// hanging receivers, a workspace that advances its clock, and one that floods. Each command is a message, and so is its result.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { Agent, createServer } from 'node:http';
import { call, sleep } from '../e2e/lib_process.mjs';
import { repeat, serveCommands } from './rig.mjs';

const silent_events = 12;
/// An endpoint's first event is sent alone; then 8 hang at a time.
const hanging_events = 17;
const endpoints_each = 20;  // as many as a workspace can have

async function ask(method, url, key, body, status) {
  const answer = await call(url, { method, key, body, timeout_ms: 60_000 });
  if (answer.status !== status) throw new Error(`${method} ${url}: ${answer.status} ${answer.text}`);
  return answer.json;
}

// --- Receivers and the name server --------------------------------------------------------------------------------------

const held = new Set();  // responses that hang
let hanging = false;
let held_most = 0;
const receiver = createServer((request, response) => {
  request.resume();
  if (!hanging) return response.end();
  held.add(response);
  held_most = Math.max(held_most, held.size);
  response.once('close', () => held.delete(response));
}).listen(0, '127.0.0.1');
receiver.keepAliveTimeout = 1_000;

let questions = 0;
const name_server = createSocket('udp4', () => (questions += 1));
name_server.bind(0, '127.0.0.1');
await Promise.all([once(receiver, 'listening'), once(name_server, 'listening')]);

// --- The load -----------------------------------------------------------------------------------------------------------

let plan;              // { api, kinds; silent, clock, flood: a key each, hanging: keys, flood_a_second }
let running = false;
const loops = [];
const endpoints = [];  // [key, id]
const counts = { sent: 0, answered: 0, refused: 0, broken: 0, advances: 0, advances_refused: 0, sent_for_ms: 0 };

async function endpoint(key, url) {
  const { id } = await ask('POST', `${plan.api}/webhook_endpoints`, key, { url, event_types: ['charge.created'] }, 201);
  endpoints.push([key, id]);
}

const newCharge = (key, expires_in = 600) => ask('POST', `${plan.api}/charges`, key, { amount_sats: 21, expires_in }, 201);

/// Open loop: sends at its rate, however long the responses take, over at most 1,024 connections.
const flood_agent = new Agent({ keepAlive: true, maxSockets: 1_024 });
async function flood() {
  const asked = { method: 'POST', key: plan.flood, body: { amount_sats: 21 }, agent: flood_agent };
  const began = performance.now();
  for (let sent = 0; running; await sleep(2)) {
    const due = ((performance.now() - began) / 1_000) * plan.flood_a_second;
    for (; sent < due; ++sent) {
      counts.sent += 1;
      call(`${plan.api}/charges`, asked).then(
        ({ status }) => (counts[status === 201 ? 'answered' : 'refused'] += 1),
        () => (counts.broken += 1),
      );
    }
  }
  counts.sent_for_ms += performance.now() - began;
}

/// Advances the clock again as soon as all charges have moved.
async function advance() {
  while (running) {
    const asked = { method: 'POST', key: plan.clock, body: { ms: 1 } };
    const answer = await call(`${plan.api}/sandbox/clock/advance`, asked).catch(() => null);
    counts[answer?.status < 300 ? 'advances' : 'advances_refused'] += 1;
    await moved();
  }
}
async function moved() {
  for (let moving = true; moving; ) {
    await sleep(250);  // below the rate limit
    const seen = await call(`${plan.api}/sandbox`, { key: plan.clock }).catch(() => null);
    moving = seen?.json?.moving !== false && (running || seen?.status === 200);
  }
}

serveCommands({
  where: () => ({ name_server: `127.0.0.1:${name_server.address().port}` }),
  /// Fills the clock's workspace with charges that stay open.
  async prepare(given, charges) {
    plan = given;
    const a_month_s = 2_592_000;
    if (plan.kinds.includes('clock')) await repeat(charges, () => newCharge(plan.clock, a_month_s));
  },
  async begin() {
    hanging = running = true;
    const { silent, hanging: keys, kinds } = plan;
    const key_of = (i) => keys[i % keys.length];
    if (kinds.includes('silent')) {
      await endpoint(silent, 'https://silent.example.com/hook');
      await repeat(silent_events, () => newCharge(silent));
    }
    if (kinds.includes('hanging')) {
      await repeat(keys.length * endpoints_each, (i) => endpoint(key_of(i), `http://127.0.0.1:${receiver.address().port}/${i}`));
      await repeat(keys.length * hanging_events, (i) => newCharge(key_of(i)));
      for (const response of held) response.end();  // the first event's: now the others are due together
    }
    if (kinds.includes('flood')) loops.push(flood());
    if (kinds.includes('clock')) loops.push(advance());
  },
  async end() {
    const open = held.size;
    running = hanging = false;
    await Promise.all(loops.splice(0));
    const gone = endpoints.splice(0);
    await repeat(gone.length, (i) => ask('DELETE', `${plan.api}/webhook_endpoints/${gone[i][1]}`, gone[i][0], undefined, 200));
    for (const response of held) response.end();
    if (plan.kinds.includes('clock')) await moved();
    return { ...counts, open, held_most, questions };
  },
});
