// A stub of lnd's REST gateway for receiving: its responses follow tests/lnd/recordings. Real nodes: tests/lnd. Not a suite.
import { execFileSync } from 'node:child_process';
import { createHash, createSign, generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { join } from 'node:path';

const alphabet = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const order_n = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const { privateKey: node_key, publicKey } = generateKeyPairSync('ec', { namedCurve: 'secp256k1' });
const { x, y } = publicKey.export({ format: 'jwk' });
const is_odd = Buffer.from(y, 'base64url').at(-1) & 1;
const identity = `0${2 + is_odd}${Buffer.from(x, 'base64url').toString('hex')}`;

/// BIP 173.
function polymod(values) {
  let check = 1;
  for (const value of values) {
    const top = check >>> 25;
    check = ((check & 0x1ffffff) << 5) ^ value;
    [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3].forEach((each, i) => (check ^= (top >>> i) & 1 ? each : 0));
  }
  return check >>> 0;
}

/// Groups of `from` bits as groups of `to` bits, padded with zeros.
function regroup(values, from, to) {
  const out = [];
  let held = 0, bits = 0;
  for (const value of values) {
    held = ((held << from) | value) & 0xffff;
    for (bits += from; bits >= to; ) out.push((held >> (bits -= to)) & ((1 << to) - 1));
  }
  if (bits > 0) out.push((held << (to - bits)) & ((1 << to) - 1));
  return out;
}

const numberWords = (value, count) => Array.from({ length: count }, (_, i) => Math.floor(value / 32 ** (count - 1 - i)) % 32);
const field = (tag, words) => [alphabet.indexOf(tag), ...numberWords(words.length, 2), ...words];

/// ECDSA over SHA-256 with s in the lower half, as r and s. Either recovery id recovers a key that verifies it.
function sign(message) {
  const both = createSign('sha256').update(message).sign({ key: node_key, dsaEncoding: 'ieee-p1363' });
  const s = BigInt(`0x${both.subarray(32).toString('hex')}`);
  const low = s > order_n / 2n ? order_n - s : s;
  return Buffer.concat([both.subarray(0, 32), Buffer.from(low.toString(16).padStart(64, '0'), 'hex')]);
}

/// A regtest invoice of the node.
function invoiceText({ payment_hash, value_msat, memo, created_s, expiry_s }) {
  const prefix = `lnbcrt${value_msat}0p`;
  const words = [
    ...numberWords(created_s, 7),
    ...field('p', regroup(payment_hash, 8, 5)),
    ...field('s', regroup(randomBytes(32), 8, 5)),
    ...field('d', regroup(Buffer.from(memo), 8, 5)),
    ...field('x', numberWords(expiry_s, Math.ceil(Math.log2(expiry_s + 1) / 5))),
    ...field('9', numberWords((1 << 14) | (1 << 8), 3)),  // payment secret and TLV onion are required
  ];
  const signature = sign(Buffer.concat([Buffer.from(prefix), Buffer.from(regroup(words, 5, 8))]));
  const data = [...words, ...regroup([...signature, 0], 8, 5)];
  const chars = [...prefix].map((char) => char.charCodeAt(0));
  const check = polymod([...chars.map((c) => c >> 5), 0, ...chars.map((c) => c & 31), ...data, 0, 0, 0, 0, 0, 0]) ^ 1;
  const checksum = Array.from({ length: 6 }, (_, i) => (check >>> (5 * (5 - i))) & 31);
  return `${prefix}1${[...data, ...checksum].map((word) => alphabet[word]).join('')}`;
}

const chains = [{ chain: 'bitcoin', network: 'regtest' }];
const info = { identity_pubkey: identity, alias: 'stub', synced_to_chain: true, chains };
const not_found = { code: 5, message: 'unable to locate invoice', details: [] };

/// Keeps its files in `folder`: { args, made(), stop() }. `args` are the host's flags; `made()` is the number of invoices. A new
/// invoice has the state `looked_up`: with CANCELED the host polls each charge only once.
export async function startStubLnd(folder, { looked_up = 'OPEN' } = {}) {
  const [certificate, key, macaroon] = ['tls.cert', 'tls.key', 'receive.macaroon'].map((name) => join(folder, name));
  const subject = ['-subj', '/O=stub', '-addext', 'subjectAltName=IP:127.0.0.1', '-addext', 'basicConstraints=critical,CA:TRUE'];
  const made_with = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', ...subject];
  execFileSync('openssl', [...made_with, '-keyout', key, '-out', certificate], { stdio: 'ignore' });
  writeFileSync(macaroon, `0201${'ab'.repeat(20)}`, { mode: 0o600 });
  const invoices = new Map();  // payment hash in hex -> the invoice

  function addInvoice(body) {
    const { r_preimage, value_msat, expiry, memo = '' } = JSON.parse(body);
    const payment_hash = createHash('sha256').update(Buffer.from(r_preimage, 'base64')).digest();
    const created_s = Math.floor(Date.now() / 1_000);
    const made = { payment_hash, value_msat, memo, created_s, expiry_s: Number(expiry), state: looked_up };
    made.payment_request = invoiceText(made);
    invoices.set(payment_hash.toString('hex'), made);
    return { r_hash: payment_hash.toString('base64'), payment_request: made.payment_request, add_index: String(invoices.size) };
  }
  function lookUp(hash) {
    const made = invoices.get(hash);
    if (!made) return null;
    const { payment_hash, value_msat, memo, created_s, expiry_s, payment_request, state } = made;
    const r_hash = payment_hash.toString('base64');
    const times = { creation_date: String(created_s), settle_date: '0', expiry: String(expiry_s) };
    return { memo, r_hash, value_msat, ...times, payment_request, description_hash: '', amt_paid_msat: '0', state };
  }
  function cancel(body) {
    const made = invoices.get(Buffer.from(JSON.parse(body).payment_hash, 'base64').toString('hex'));
    if (made) made.state = 'CANCELED';
    return made ? {} : null;
  }
  function answer(method, path, body) {
    if (path === '/v1/getinfo') return info;
    if (path === '/v1/state') return { state: 'SERVER_ACTIVE' };
    if (path === '/v1/channels') return { channels: [] };
    if (path === '/v1/invoices' && method === 'POST') return addInvoice(body);
    if (path === '/v2/invoices/cancel') return cancel(body);
    return path.startsWith('/v1/invoice/') ? lookUp(path.slice('/v1/invoice/'.length)) : null;
  }
  const server = createServer({ cert: readFileSync(certificate), key: readFileSync(key) }, (request, response) => {
    const path = request.url.split('?')[0];
    const head = { 'content-type': 'application/json', 'grpc-metadata-content-type': 'application/grpc' };
    if (path === '/v1/invoices/subscribe') return response.writeHead(200, head).flushHeaders();  // silent: nothing is paid
    let body = '';
    request.setEncoding('utf8').on('data', (part) => (body += part)).on('end', () => {
      const found = answer(request.method, path, body);
      response.writeHead(found ? 200 : 404, head).end(JSON.stringify(found ?? not_found));
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `https://127.0.0.1:${server.address().port}`;
  return {
    args: ['--live-network', 'regtest', '--lnd-url', url, '--lnd-certificate', certificate, '--lnd-receive-macaroon', macaroon],
    made: () => invoices.size,
    stop: () => server.close().closeAllConnections(),
  };
}
