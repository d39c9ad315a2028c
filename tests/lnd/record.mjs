// Records exchanges with a real lnd, headers and Date included, into tests/lnd/recordings.
//
//   node tests/lnd/record.mjs      starts its own rig; enter the outcomes in outcomes.hpp
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { root, until } from '../e2e/lib.mjs';
import { requireGo, startRig } from './lnd_rig.mjs';

await requireGo();
const rig = await startRig('record');
const { alice, carol } = rig;

/// One exchange, unchanged but without the macaroon; of a stream the first line.
async function record(name, path, { lines } = {}) {
  const asked = request(alice.rest + path, { agent: alice.agent, headers: { 'grpc-metadata-macaroon': alice.macaroon } });
  asked.end();
  const [answer] = await once(asked, 'response');
  let body_text = '';
  for await (const part of answer.setEncoding('utf8')) {
    body_text += part;
    if (lines && body_text.split('\n').length > lines) break;
  }
  const recording = {
    name,
    request: { method: 'GET', path, headers: { 'Grpc-Metadata-macaroon': '<macaroon>' }, body: null },
    response: { status: answer.statusCode, headers: answer.headers, body_text },
    note: 'With all headers.',
  };
  writeFileSync(join(root, `tests/lnd/recordings/${name}.json`), `${JSON.stringify(recording, null, 1)}\n`);
  console.log(`${name}: ${answer.statusCode}, ${answer.headers.date}`);
}

const track = (hash) => `/v2/router/track/${Buffer.from(hash, 'hex').toString('base64').replaceAll('+', '-').replaceAll('/', '_')}`;
const hashOf = async (bolt11) => (await alice.ask('GET', `/v1/payreq/${bolt11}`)).payment_hash;

try {
  const invoice = await carol.invoice(1_000_000);
  await record('dated-track-not-found', track(await hashOf(invoice)));
  await alice.pay(invoice);
  await record('dated-track-succeeded', track(await hashOf(invoice)), { lines: 1 });
  const refused = await carol.invoice(1_000_000);
  await alice.send({ payment_request: refused, fee_limit_msat: '1' });
  await record('dated-track-failed', track(await hashOf(refused)), { lines: 1 });
  const hold = await carol.hold(2_000_000);
  const sending = alice.pay(hold.bolt11);
  await until('it is held', hold.held);
  await record('dated-track-in-flight', track(hold.payment_hash), { lines: 1 });
  await record('dated-balance-channels-in-flight', '/v1/balance/channels');
  await hold.cancel();
  await sending;
  await record('dated-channels-active', '/v1/channels?active_only=true');
  const { channels } = await alice.ask('GET', '/v1/channels?active_only=true');
  await record('dated-graph-edge', `/v1/graph/edge/${channels[0].chan_id}`);
  await record('dated-getinfo', '/v1/getinfo');
} finally {
  await rig.stop();
}
