// Real nodes for tests: the rig as an object, its nodes as clients, and a host whose `live` is one of them. Not a suite.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { program as lntpay } from '../../examples/pay-per-request/sandbox.mjs';
import { freePort } from '../../host-adapters/js/programs.mjs';
import { root, startHost, until } from '../e2e/lib.mjs';

const run = promisify(execFile);
const program = join(root, 'tests/lnd/rig/rig');

export const hasGo = () => run('go', ['version']).then(() => true, () => false);

/// Exits with a notice where lnd cannot be built: as a failure in CI, where a skip would go unnoticed.
export async function requireGo() {
  if (await hasGo()) return;
  console.log('tests with real nodes build lnd, which needs Go; install the version in tests/lnd/rig/go.mod');
  console.log(`0 passed, ${process.env.CI ? '1 failed, 0 skipped' : '0 failed, 1 skipped'}`);
  process.exit(process.env.CI ? 1 : 0);
}

const base64 = (hex) => Buffer.from(hex, 'hex').toString('base64');
const base64url = (hex) => base64(hex).replaceAll('+', '-').replaceAll('/', '_');

/// A client of one lnd, with its admin macaroon.
class Node {
  constructor(name, { rest, tls_cert, macaroon, pubkey }) {
    Object.assign(this, { name, rest, tls_cert, macaroon, pubkey });
    this.agent = new Agent({ ca: readFileSync(tls_cert), keepAlive: true });
  }

  /// The response's objects: one, or the lines of a stream.
  async lines(method, path, body) {
    const asked = request(this.rest + path, { method, agent: this.agent, headers: { 'grpc-metadata-macaroon': this.macaroon } });
    asked.setTimeout(90_000, () => asked.destroy(new Error(`${this.name} did not answer ${path}`)));
    asked.end(body && JSON.stringify(body));
    const [answer] = await once(asked, 'response');
    let text = '';
    for await (const part of answer.setEncoding('utf8')) text += part;
    const objects = text.split('\n').filter(Boolean).map((line) => JSON.parse(line));
    const error = answer.statusCode === 200 ? objects.find((each) => each.error)?.error : objects[0];
    if (error) throw new Error(`${this.name} ${method} ${path}: ${JSON.stringify(error)}`);
    return objects;
  }
  async ask(method, path, body) {
    return (await this.lines(method, path, body))[0];
  }

  async invoice(value_msat, more = {}) {
    return (await this.ask('POST', '/v1/invoices', { value_msat: String(value_msat), ...more })).payment_request;
  }
  /// Resolves when the invoice is settled.
  async settled(payment_hash) {
    const lines = await this.lines('GET', `/v2/invoices/subscribe/${base64url(payment_hash)}`);
    if (lines.at(-1).result.state !== 'SETTLED') throw new Error(`${payment_hash} is ${lines.at(-1).result.state}`);
  }
  lookup(payment_hash) {
    return this.ask('GET', `/v1/invoice/${payment_hash}`);
  }
  /// The payment's last update.
  async pay(bolt11) {
    return this.send({ payment_request: bolt11 });
  }
  async send(order) {
    const more = { fee_limit_msat: '1000000', timeout_seconds: 30, no_inflight_updates: true };
    return (await this.lines('POST', '/v2/router/send', { ...more, ...order })).at(-1).result;
  }
  /// Pays another amount than the invoice states.
  async payAmount(bolt11, amount_msat) {
    const read = await this.ask('GET', `/v1/payreq/${bolt11}`);
    return this.send({
      dest: base64(read.destination),
      amt_msat: String(amount_msat),
      payment_hash: base64(read.payment_hash),
      payment_addr: read.payment_addr,
      dest_features: [9, 15, 17],  // the invoice's; gossip may not have brought the node's own yet
      final_cltv_delta: Number(read.cltv_expiry) + 3,
    });
  }
  /// An invoice whose payments are held: { bolt11, settle(), cancel(), held() }.
  async hold(value_msat) {
    const preimage = randomBytes(32);
    const hash = createHash('sha256').update(preimage).digest('hex');
    const { payment_request } = await this.ask('POST', '/v2/invoices/hodl', { hash: base64(hash), value_msat: String(value_msat) });
    return {
      bolt11: payment_request,
      payment_hash: hash,
      held: async () => (await this.lookup(hash)).state === 'ACCEPTED',
      settle: () => this.ask('POST', '/v2/invoices/settle', { preimage: preimage.toString('base64') }),
      cancel: () => this.ask('POST', '/v2/invoices/cancel', { payment_hash: base64(hash) }),
    };
  }
  /// Hashes that the node reports in flight though no channel has an HTLC of them: lnd keeps an attempt that was recorded
  /// right before a kill, and reports it IN_FLIGHT forever. In a running payment this lasts only a moment.
  async forgotten() {
    const { channels } = await this.ask('GET', '/v1/channels');
    const under_way = new Set(channels.flatMap(({ pending_htlcs }) => pending_htlcs.map(({ hash_lock }) => Buffer.from(hash_lock, 'base64').toString('hex'))));
    const { payments } = await this.ask('GET', '/v1/payments?include_incomplete=true&max_payments=10000');
    return payments.filter(({ status, payment_hash }) => status === 'IN_FLIGHT' && !under_way.has(payment_hash)).map(({ payment_hash }) => payment_hash);
  }
  /// The payer's record of paying a hash.
  async payment(payment_hash) {
    return (await this.lines('GET', `/v2/router/track/${base64url(payment_hash)}?no_inflight_updates=true`)).at(-1).result;
  }
}

/// Starts a new rig in build/: { alice, bob, carol, kill(name), revive(...names), mine(blocks), bake(name, methods), stop() }.
export async function startRig(name) {
  const folder = join(root, 'build', `lnd-rig-${name}`);
  const rig = async (command, ...words) => (await run(program, [command, folder, ...words], { maxBuffer: 1 << 20 })).stdout;
  await rig('stop');  // left over from a killed run
  rmSync(folder, { recursive: true, force: true });
  const started = JSON.parse(await rig('start'));
  const nodes = ['alice', 'bob', 'carol'].map((each) => [each, new Node(each, started[each])]);
  return {
    ...Object.fromEntries(nodes),
    folder,
    kill: (each) => rig('kill', each),
    revive: (...names) => rig('revive', ...names),
    mine: (blocks) => rig('mine', String(blocks)),
    bake: async (each, methods) => (await rig('bake', each, ...methods.map((method) => `uri:/${method}`))).trim(),
    async stop() {
      await rig('stop');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/// A separate lnd without a wallet: { rest, tls_cert, macaroon, state(), ask(method, path, body), start(),
/// kill() }. Its macaroon is another node's: a node without a wallet checks none.
export async function walletlessNode(rig) {
  const { bin, btcd, alice } = JSON.parse(readFileSync(join(rig.folder, 'rig.json'), 'utf8'));
  const home = join(rig.folder, 'walletless');
  const [rest, rpc] = await Promise.all([freePort(), freePort()]);
  const words = [
    '--bitcoin.regtest', '--bitcoin.node=btcd', '--nobootstrap', '--nolisten', `--lnddir=${home}`, '--logging.file.disable',
    `--btcd.rpchost=${btcd.rpc.split('://')[1]}`, `--btcd.rpccert=${btcd.tls_cert}`, `--btcd.rpcuser=${btcd.user}`, `--btcd.rpcpass=${btcd.pass}`,
    `--rpclisten=127.0.0.1:${rpc}`, `--restlisten=127.0.0.1:${rest}`, '--healthcheck.diskspace.attempts=0',
  ];
  const node = { rest: `https://127.0.0.1:${rest}`, tls_cert: join(home, 'tls.cert'), macaroon: alice.macaroon, name: 'walletless' };
  let child, client;
  node.ask = (...asked) => client.ask(...asked);
  node.state = async () => (await client.ask('GET', '/v1/state')).state;
  node.start = async (state) => {
    child = spawn(join(bin, 'lnd'), words, { stdio: 'ignore' });
    await until(`the node is ${state}`, async () => {
      if (!existsSync(node.tls_cert)) return false;
      client ??= new Node('walletless', node);
      return (await node.state().catch(() => '')) === state;
    }, 60_000);
  };
  node.kill = async () => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return node;
}

/// The permissions that docs/lnd.md bakes into each macaroon; host_tests compare them with the server's table of methods.
const [receiving, paying] = readFileSync(join(root, 'docs/lnd.md'), 'utf8')
  .split('## Macaroons')[1]
  .split('Paying:')
  .map((part) => [...part.matchAll(/ uri:\/(\S+)/g)].map(([, permission]) => permission));

/// The flags of a host whose live node is this one, with macaroons for only the methods that it uses.
export async function flagsFor(rig, node) {
  const file = async (name, methods) => {
    const path = join(rig.folder, `${node.name}-${name}.macaroon`);
    await writeFile(path, await rig.bake(node.name, methods), { mode: 0o600 });
    return path;
  };
  return {
    'live-network': 'regtest',
    'lnd-url': node.rest,
    'lnd-certificate': node.tls_cert,
    'lnd-receive-macaroon': await file('receive', receiving),
    'lnd-pay-macaroon': await file('pay', paying),
  };
}
export const args = (flags) => Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]);

/// bob's fee: 1 sat and a thousandth.
export const fee = (amount_msat) => 1_000 + amount_msat / 1_000;

/// Adds common helpers to a shop, { host: { api }, key }, whose `live` is that node.
export function use(shop, node) {
  const live = (method, path, body, options) => shop.host.api(method, path, body, { key: shop.key, ...options });
  shop.live = live;
  shop.must = async (asked, status = 201) => {
    const answer = await asked;
    assert.equal(answer.status, status, answer.text);
    return answer.json;
  };
  const keyed = (key) => ({ headers: { 'idempotency-key': key } });
  shop.askCharge = (amount_msat, more = {}, key = randomUUID()) => live('POST', '/v1/charges', { amount_msat, ...more }, keyed(key));
  shop.charge = (...asked) => shop.must(shop.askCharge(...asked));
  shop.withdraw = (bolt11, more = {}, key = randomUUID()) => live('POST', '/v1/withdrawals', { bolt11, ...more }, keyed(key));

  /// Resolves when it has left these states.
  const past = (path, states, ms_max) => until(`${path} is no longer ${states.join(' or ')}`, async () => {
    const { json } = await live('GET', `${path}?wait=5`);
    return json && !states.includes(json.status) && json;
  }, ms_max);
  shop.ended = ({ id }, ms_max = 60_000) => past(`/v1/charges/${id}`, ['pending'], ms_max);
  shop.resolved = ({ id }, ms_max = 60_000) => past(`/v1/withdrawals/${id}`, ['pending', 'dispatched', 'unknown'], ms_max);

  shop.balance = async () => {
    const { available_msat, locked_msat } = (await live('GET', '/v1/balance')).json;
    return { available_msat, locked_msat };
  };
  /// All of GET /v1/reconciliation: { charges, withdrawals, differences }.
  shop.reconcile = async () => {
    const all = { charges: 0, withdrawals: 0, differences: [] };
    for (let resume = ''; ; ) {
      // Retried while the node does not respond.
      const { json, text } = await until('the node answers', async () => {
        const answer = await live('GET', `/v1/reconciliation${resume && `?resume=${resume}`}`);
        return answer.status !== 503 && answer;
      });
      assert.equal(json?.object, 'reconciliation', text);
      all.charges += json.charges;
      all.withdrawals += json.withdrawals;
      all.differences.push(...json.differences);
      if (json.complete) return all;
      resume = json.resume;
    }
  };
  shop.list = async (path) => {
    const all = [];
    for (let cursor = ''; ; ) {
      const { json } = await live('GET', `${path}?limit=100${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
      all.push(...json.data);
      if (!json.has_more) return all;
      cursor = json.next_cursor;
    }
  };
  /// The ledger verifies, and its balance is what the node received for charges and paid for withdrawals, to the millisatoshi.
  shop.verify = async ({ locked_msat = 0 } = {}) => {
    const { ok, complete } = (await live('GET', '/v1/ledger/verify')).json;
    assert.deepEqual([ok, complete], [true, true]);
    assert.deepEqual((await shop.reconcile()).differences, []);
    let there = 0;
    for (const { payment_hash } of await shop.list('/v1/charges')) there += Number((await node.lookup(payment_hash)).amt_paid_msat);
    for (const { payment_hash, status } of await shop.list('/v1/withdrawals')) {
      const payment = await node.payment(payment_hash).catch(() => null);
      if (payment?.status === 'SUCCEEDED' && status === 'succeeded') there -= Number(payment.value_msat) + Number(payment.fee_msat);
    }
    assert.deepEqual(await shop.balance(), { available_msat: there - locked_msat, locked_msat });
    return there;
  };
  return shop;
}

/// `lntpay node-proxy` in front of the node in the flags: { url, receive_file, pay_file, token('receive' | 'pay'), stop() }.
export async function startNodeProxy(flags, data) {
  const proxy = spawn(lntpay, ['node-proxy', '--listen', '127.0.0.1:0', '--data', data, '--log-level', 'warn', ...args(flags)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  proxy.stdout.on('data', (part) => (said += part));
  await until('the proxy listens', () => /lnd-receive: token/.test(said) && /lnd-pay: token/.test(said));
  const file = (side) => join(data, `${side}.token`);
  return {
    url: /node-proxy: (http\S+)/.exec(said)[1],
    receive_file: file('receive'),
    pay_file: file('pay'),
    token: (side) => readFileSync(file(side), 'utf8').trim(),
    stop: () => proxy.kill('SIGKILL'),
  };
}

/// A host on one of the rig's nodes, with common helpers for `live`.
export async function openShop(rig, node, flags, options = {}) {
  const data = await mkdtemp(join(tmpdir(), 'lntpay-live-'));
  const shop = { data, flags };

  shop.start = async (changed = {}, without = []) => {
    const all = Object.entries({ ...shop.flags, ...changed }).filter(([name]) => !without.includes(name));
    shop.host = await startHost({ ...options, data, args: args(Object.fromEntries(all)) });
    shop.key = shop.host.env.LNTPAY_LIVE_API_KEY;
  };
  shop.kill = () => shop.host.stop('SIGKILL');
  shop.close = async () => {
    await shop.host?.stop();
    await rm(data, { recursive: true, force: true });
  };

  use(shop, node);
  await shop.start();
  return shop;
}
