// A gate behind real proxies: nginx and Caddy with the files of docs/proxies, and a service without payment logic.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fetch402 } from '@getalby/lightning-tools/402';
import { fetchWithL402 } from '@getalby/lightning-tools/402/l402';
import { fetchWithMpp } from '@getalby/lightning-tools/402/mpp';
import { launch } from './lib_browser.mjs';
import { root, startHost, until } from './lib.mjs';
import { freePort } from './lib_process.mjs';

const has = (program) => spawnSync(program, ['version']).error === undefined;
let host, api, service, folder;
const served = [];
const proxies = [];
let cacheControl;  // of the service

before(async () => {
  host = await startHost({ args: ['--challenges-per-client', '1000'] });
  ({ api } = host);
  folder = await mkdtemp(join(tmpdir(), 'lntpay-proxy-'));
  service = createServer((request, response) => {
    served.push({ method: request.method, url: request.url, headers: request.headers });
    if (cacheControl) response.setHeader('cache-control', cacheControl);
    response.end(`report for ${request.url}`);
  }).listen(0, '127.0.0.1');
  await once(service, 'listening');
});
after(async () => {
  for (const proxy of proxies) {
    proxy.kill('SIGTERM');
    if (proxy.exitCode === null) await once(proxy, 'exit');
  }
  service?.close();
  await host?.stop();
  if (folder) await rm(folder, { recursive: true });
});

const makeGate = async (more = {}) => {
  const gate = await api('POST', '/v1/gates', { price_sats: 21, match: { method: '*', path: '/*' }, ...more });
  assert.equal(gate.status, 201, gate.text);
  return gate.json.id;
};

/// The published file with this test's ports and gate.
async function configured(file, gate, port) {
  const text = await readFile(join(root, 'docs/proxies', file), 'utf8');
  return text
    .replaceAll('GATE_ID', gate)
    .replaceAll('127.0.0.1:8402', new URL(host.url).host)
    .replaceAll('127.0.0.1:9000', `127.0.0.1:${service.address().port}`)
    .replace('127.0.0.1:8080', `127.0.0.1:${port}`)
    .replace(':8081', `:${port}`);
}

async function started(command, args, port) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder } });
  proxies.push(child);
  let said = '';
  child.stdout.on('data', (text) => (said += text));
  child.stderr.on('data', (text) => (said += text));
  const url = `http://127.0.0.1:${port}`;
  await until(`${command} to listen`, async () => {
    assert.equal(child.exitCode, null, said);
    return fetch(`${url}/ready`).then(() => true, () => false);
  });
  return url;
}

const kinds = {
  nginx: async (gate) => {
    const port = await freePort();
    await copyFile(join(root, 'docs/proxies/gate_request.conf'), join(folder, 'gate_request.conf'));
    const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join(' ');
    await writeFile(join(folder, `nginx-${port}.conf`), `daemon off; pid ${folder}/nginx-${port}.pid; events {} http { access_log off; ${temp}\n${await configured('nginx.conf', gate, port)} }`);
    return started('nginx', ['-p', folder, '-e', 'stderr', '-c', join(folder, `nginx-${port}.conf`)], port);
  },
  caddy: async (gate) => {
    const port = await freePort();
    await writeFile(join(folder, `Caddyfile-${port}`), `{\n\tadmin off\n\tauto_https off\n}\n${await configured('Caddyfile', gate, port)}`);
    return started('caddy', ['run', '--adapter', 'caddyfile', '--config', join(folder, `Caddyfile-${port}`)], port);
  },
};

const parameter = (line, name) => new RegExp(`${name}="([^"]*)"`).exec(line)?.[1];

/// The credential for a 402, bought with the sandbox's wallet.
async function buy(refused) {
  const offered = refused.headers.get('www-authenticate');
  assert.ok(offered?.startsWith('L402 macaroon="'), `${refused.status} ${offered}`);
  const paid = await api('POST', '/v1/sandbox/wallet/pay', { bolt11: parameter(offered, 'invoice') });
  assert.equal(paid.status, 200, paid.text);
  return `L402 ${parameter(offered, 'token')}:${paid.json.preimage}`;
}

for (const [kind, start] of Object.entries(kinds)) {
  const skip = !has(kind) && !process.env.CI ? `${kind} is not installed` : false;

  test(`${kind}: 402 with both schemes; a payment serves one request`, { skip }, async () => {
    const url = await start(await makeGate());
    served.length = 0;
    const refused = await fetch(`${url}/reports/7?page=2`);
    assert.equal(refused.status, 402);
    assert.match(refused.headers.get('www-authenticate'), /^L402 macaroon="[^"]+", invoice="lnbcrt[^"]+".*, Payment id="/);
    assert.equal(refused.headers.get('content-type'), 'application/problem+json');
    assert.equal((await refused.json()).price_sats, 21);
    assert.equal(served.length, 0);

    const authorization = await buy(refused);
    const other = await fetch(`${url}/reports/8`, { headers: { authorization } });
    assert.equal(other.status, 401);
    const good = await fetch(`${url}/reports/7?page=2`, { headers: { authorization } });
    assert.equal(good.status, 200, await good.clone().text());
    assert.equal(await good.text(), 'report for /reports/7?page=2');
    assert.equal(good.headers.get('cache-control'), 'private');
    assert.equal(served.length, 1);
    assert.match(served[0].headers['lntpay-redemption-id'], /^rdm_/);
    if (kind === 'nginx') assert.ok(good.headers.get('payment-receipt'));
    const again = await fetch(`${url}/reports/7?page=2`, { headers: { authorization } });
    assert.equal(again.status, 401);
    assert.ok(again.headers.get('www-authenticate'));
    assert.equal(served.length, 1);
    const events = await api('GET', '/v1/events?types=gate.redeemed');
    assert.equal(events.json.data.at(-1).data.id, served[0].headers['lntpay-redemption-id']);
  });

  test(`${kind}: of 64 at once one wins; a POST body passes unchanged`, { skip }, async () => {
    const url = await start(await makeGate());
    served.length = 0;
    const post = (headers) => fetch(`${url}/reports`, { method: 'POST', body: 'question', headers });
    const authorization = await buy(await post({}));
    const answers = await Promise.all(Array.from({ length: 64 }, () => post({ authorization })));
    const statuses = answers.map((answer) => answer.status);
    assert.equal(statuses.filter((status) => status === 200).length, 1, String(statuses));
    assert.ok(statuses.every((status) => status === 200 || status === 401), String(statuses));
    assert.equal(served.length, 1);
    assert.equal(served[0].method, 'POST');
  });

  test(`${kind}: standard clients pay once in each scheme, never after a 401`, { skip }, async () => {
    for (const [name, { fetching, schemes }] of Object.entries({
      l402: { fetching: fetchWithL402, schemes: ['l402', 'payment'] },
      payment: { fetching: fetchWithMpp, schemes: ['payment'] },
      any: { fetching: fetch402, schemes: ['l402', 'payment'] },
    })) {
      const gate = await makeGate({ schemes });
      const url = await start(gate);
      let payments = 0;
      let meanwhile = () => {};
      const wallet = {
        payInvoice: async ({ invoice }) => {
          payments += 1;
          const paid = await api('POST', '/v1/sandbox/wallet/pay', { bolt11: invoice });
          await meanwhile();
          return { preimage: paid.json.preimage };
        },
      };
      const answer = await fetching(`${url}/reports/${name}`, {}, { wallet });
      assert.equal(answer.status, 200, `${name}: ${await answer.clone().text()}`);
      assert.equal(await answer.text(), `report for /reports/${name}`);
      assert.equal(payments, 1, name);
      assert.equal(answer.payment.amountSat, 21, name);
      const again = await fetching(`${url}/reports/${name}`, {}, { wallet, credentials: answer.payment.credentials });
      assert.equal(again.status, 401, name);
      // Its new credential is rejected, as after a revoke in between.
      meanwhile = () => api('POST', `/v1/gates/${gate}/revoke`, {});
      const refused = await fetching(`${url}/reports/${name}`, {}, { wallet });
      assert.equal(refused.status, 401, name);
      assert.equal(payments, 2, name);
    }
  });

  test(`${kind}: a browser pays and gets the report; another browser does not`, { skip }, async (t) => {
    const url = await start(await makeGate());
    served.length = 0;
    const browser = await launch();
    t.after(() => browser.close());
    const wrong = [];
    const open = async (path, context = browser) => {
      const page = await context.newPage();
      page.on('pageerror', (error) => wrong.push(error.message));
      page.on('console', (message) => message.type() === 'error' && !/status of 40[12]/.test(message.text()) && wrong.push(message.text()));
      const answer = await page.goto(url + path, { waitUntil: 'domcontentloaded' });
      return { page, status: answer.status() };
    };
    const text = (page) => page.evaluate(() => document.body.innerText);
    const { page, status } = await open('/reports/7');
    assert.equal(status, 402);
    assert.match(await text(page), /21 sats/);
    // Another report in a second tab: each is paid separately.
    const second = await open('/reports/8');
    const bolt11 = await page.$eval('#invoice', (element) => element.textContent);
    assert.equal((await api('POST', '/v1/sandbox/wallet/pay', { bolt11 })).status, 200);
    await page.waitForFunction(() => document.body.innerText === 'report for /reports/7', { timeout: 10_000 });
    assert.match(await text(second.page), /21 sats/);
    const other = await open('/reports/7', await browser.createBrowserContext());
    assert.equal(other.status, 402);
    // The sandbox's button pays in its own tab, and this one continues.
    await second.page.click('form button');
    await second.page.waitForFunction(() => document.body.innerText === 'report for /reports/8', { timeout: 10_000 });
    assert.deepEqual(served.map((request) => request.url), ['/reports/7', '/reports/8']);
    assert.equal((await page.reload()).status(), 401, 'what was paid for was served');
    assert.match(await text(page), /21 sats/);
    assert.deepEqual(wrong, []);
  });

  test(`${kind}: client headers name neither another request nor a redemption`, { skip }, async () => {
    const url = await start(await makeGate({ mode: 'pass', match: { method: 'GET', path: '/free/*' }, ttl_seconds: 600 }));
    const authorization = await buy(await fetch(`${url}/free/1`));
    served.length = 0;
    for (const name of ['X-Forwarded-Uri', 'X-Original-URI']) {
      const answer = await fetch(`${url}/secret`, { headers: { authorization, [name]: '/free/1' } });
      assert.ok(answer.status >= 400, `${name}: ${answer.status}`);
    }
    assert.equal(served.length, 0);
    const answer = await fetch(`${url}/free/1`, { headers: { authorization, 'LNTPay-Redemption-Id': 'rdm_mine', 'LNTPay-Reservation': '1' } });
    assert.equal(answer.status, 200);
    assert.ok(!served[0].headers['lntpay-redemption-id']);
    assert.ok(!served[0].headers['lntpay-reservation']);
  });

  test(`${kind}: a client cannot forge or remove headers; its credential stays`, { skip }, async () => {
    const url = await start(await makeGate());
    const authorization = await buy(await fetch(`${url}/reports/7`));
    served.length = 0;
    const { hostname, port } = new URL(url);
    const lines = [
      'GET /reports/7 HTTP/1.1', `host: ${hostname}`, `authorization: ${authorization}`, 'connection: close, lntpay-redemption-id, lntpay-reservation',
      'lntpay_redemption_id: rdm_mine', 'LNTPay-Redemption-Id: rdm_mine', 'payment-receipt: mine',
    ];
    const socket = connect(Number(port), hostname);
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    let said = '';
    for await (const part of socket.setEncoding('latin1')) said += part;
    assert.match(said, /^HTTP\/1\.1 200 /);
    assert.match(said, /^payment-receipt: (?!mine)\S+/im);
    const { headers } = served[0];
    assert.match(headers['lntpay-redemption-id'], /^rdm_\w+$/);
    assert.equal(headers['lntpay-reservation'], '1');
    assert.equal(headers.lntpay_redemption_id, undefined);
    assert.equal(headers.authorization, undefined);
    assert.equal(headers['payment-receipt'], undefined);
  });

  test(`${kind}: no cache stores a paid response; stricter cache rules stay`, { skip }, async () => {
    const url = await start(await makeGate({ mode: 'pass', ttl_seconds: 600 }));
    const refused = await fetch(`${url}/reports/7`);
    assert.equal(refused.headers.get('cache-control'), 'no-store');
    const authorization = await buy(refused);
    const sent = async () => (await fetch(`${url}/reports/7`, { headers: { authorization } })).headers.get('cache-control');
    assert.equal(await sent(), 'private');
    for (const [says, allowed] of [['no-store', /no-store/], ['public, max-age=60', /private/]]) {
      cacheControl = says;
      const header = await sent();
      cacheControl = undefined;
      assert.match(header, allowed);
      if (kind === 'caddy') assert.doesNotMatch(header, /public/);
    }
  });
}
