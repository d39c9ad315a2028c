// A gate behind real proxies: nginx, Caddy and Envoy with the files of docs/proxies, and a service without payment logic.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fetch402 } from '@getalby/lightning-tools/402';
import { fetchWithL402 } from '@getalby/lightning-tools/402/l402';
import { fetchWithMpp } from '@getalby/lightning-tools/402/mpp';
import { launch } from './lib_browser.mjs';
import { makeWallet, paidMacaroon, sendRaw, skipped, startProxy, startService } from './lib_gates.mjs';
import { startHost } from './lib.mjs';

let host, api, service, buy;
const proxies = [];
let cacheControl;  // of the service

before(async () => {
  host = await startHost({ args: ['--challenges-per-client', '1000'] });
  ({ api } = host);
  ({ buy } = makeWallet(api));
  service = await startService((request, response) => {
    if (cacheControl) response.setHeader('cache-control', cacheControl);
    response.end(`report for ${request.url}`);
  });
});
after(async () => {
  for (const proxy of proxies) await proxy.stop();
  service?.stop();
  await host?.stop();
});

const makeGate = async (more = {}) => {
  const gate = await api('POST', '/v1/gates', { price_sats: 21, match: { method: '*', path: '/*' }, ...more });
  assert.equal(gate.status, 201, gate.text);
  return gate.json.id;
};

for (const kind of ['nginx', 'caddy', 'envoy']) {
  const skip = skipped(kind);
  const start = async (gate) => {
    const proxy = await startProxy(kind, { gate, lntpay: host.url, service: service.url });
    proxies.push(proxy);
    return proxy.url;
  };

  test(`${kind}: 402 with both schemes; a payment serves one request`, { skip }, async () => {
    const url = await start(await makeGate());
    service.served.length = 0;
    const refused = await fetch(`${url}/reports/7?page=2`);
    assert.equal(refused.status, 402);
    assert.match(refused.headers.get('www-authenticate'), /^L402 macaroon="[^"]+", invoice="lnbcrt[^"]+".*, Payment id="/);
    assert.equal(refused.headers.get('content-type'), 'application/problem+json');
    assert.equal((await refused.json()).price_sats, 21);
    assert.equal(service.served.length, 0);

    const authorization = await buy(refused);
    const other = await fetch(`${url}/reports/8`, { headers: { authorization } });
    assert.equal(other.status, 402, 'it was not paid for');
    const good = await fetch(`${url}/reports/7?page=2`, { headers: { authorization } });
    assert.equal(good.status, 200, await good.clone().text());
    assert.equal(await good.text(), 'report for /reports/7?page=2');
    assert.equal(good.headers.get('cache-control'), 'private');
    assert.equal(service.served.length, 1);
    assert.match(service.served[0].headers['lntpay-redemption-id'], /^rdm_/);
    assert.ok(good.headers.get('payment-receipt'));
    const again = await fetch(`${url}/reports/7?page=2`, { headers: { authorization } });
    assert.equal(again.status, 402);
    assert.ok(again.headers.get('www-authenticate'));
    assert.equal(service.served.length, 1);
    const events = await api('GET', '/v1/events?types=gate.redeemed&order=desc&limit=1');
    assert.equal(events.json.data[0].data.id, service.served[0].headers['lntpay-redemption-id']);
  });

  test(`${kind}: of 64 at once one wins; a POST body passes unchanged`, { skip }, async () => {
    const url = await start(await makeGate());
    service.served.length = 0;
    const post = (headers) => fetch(`${url}/reports`, { method: 'POST', body: 'question', headers });
    const authorization = await buy(await post({}));
    const answers = await Promise.all(Array.from({ length: 64 }, () => post({ authorization })));
    const statuses = answers.map((answer) => answer.status);
    assert.equal(statuses.filter((status) => status === 200).length, 1, String(statuses));
    assert.ok(statuses.every((status) => [200, 402, 409].includes(status)), String(statuses));
    assert.equal(service.served.length, 1);
    assert.equal(service.served[0].method, 'POST');
  });

  test(`${kind}: standard clients pay once in each scheme, never after a refusal`, { skip }, async () => {
    for (const [name, { fetching, schemes }] of Object.entries({
      l402: { fetching: fetchWithL402, schemes: ['l402', 'payment'] },
      payment: { fetching: fetchWithMpp, schemes: ['payment'] },
      any: { fetching: fetch402, schemes: ['l402', 'payment'] },
    })) {
      const gate = await makeGate({ schemes });
      const url = await start(gate);
      let payments = 0;
      let meanwhile = () => {};
      let forged;
      const wallet = {
        payInvoice: async ({ invoice }) => {
          payments += 1;
          await meanwhile();
          const paid = await api('POST', '/v1/sandbox/wallet/pay', { bolt11: invoice });
          return { preimage: forged ?? paid.json.preimage };
        },
      };
      const answer = await fetching(`${url}/reports/${name}`, {}, { wallet });
      assert.equal(answer.status, 200, `${name}: ${await answer.clone().text()}`);
      assert.equal(await answer.text(), `report for /reports/${name}`);
      assert.equal(payments, 1, name);
      assert.equal(answer.payment.amountSat, 21, name);
      const again = await fetching(`${url}/reports/${name}`, {}, { wallet, credentials: answer.payment.credentials });
      assert.equal(again.status, 402, name);
      assert.equal(payments, 1, name);
      // Its challenge was open when the gate was revoked, and is paid afterwards.
      meanwhile = async () => assert.equal((await api('POST', `/v1/gates/${gate}/revoke`, {})).status, 200);
      assert.equal((await fetching(`${url}/reports/${name}`, {}, { wallet })).status, 200, name);
      assert.equal(payments, 2, name);
      // A wallet that returns another preimage.
      meanwhile = () => {};
      forged = '00'.repeat(32);
      assert.equal((await fetching(`${url}/reports/${name}`, {}, { wallet })).status, 401, name);
      assert.equal(payments, 3, name);
    }
  });

  test(`${kind}: a browser pays and gets the report; another browser does not`, { skip }, async (t) => {
    const url = await start(await makeGate());
    service.served.length = 0;
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
    assert.deepEqual(service.served.map((request) => request.url), ['/reports/7', '/reports/8']);
    assert.ok([401, 402].includes((await page.reload()).status()), 'what was paid for was served');
    assert.match(await text(page), /21 sats/);
    assert.deepEqual(wrong, []);
  });

  test(`${kind}: client headers name neither another request nor a redemption`, { skip }, async () => {
    const url = await start(await makeGate({ mode: 'pass', match: { method: 'GET', path: '/free/*' }, ttl_seconds: 600 }));
    const authorization = await buy(await fetch(`${url}/free/1`));
    service.served.length = 0;
    for (const name of ['X-Forwarded-Uri', 'X-Original-URI']) {
      const answer = await fetch(`${url}/secret`, { headers: { authorization, [name]: '/free/1' } });
      assert.ok(answer.status >= 400, `${name}: ${answer.status}`);
    }
    assert.equal(service.served.length, 0);
    const answer = await fetch(`${url}/free/1`, { headers: { authorization, 'LNTPay-Redemption-Id': 'rdm_mine', 'LNTPay-Reservation': '1' } });
    assert.equal(answer.status, 200);
    assert.ok(!service.served[0].headers['lntpay-redemption-id']);
    assert.ok(!service.served[0].headers['lntpay-reservation']);
  });

  test(`${kind}: a client cannot forge or remove headers; its credential stays`, { skip }, async () => {
    const url = await start(await makeGate());
    const authorization = await buy(await fetch(`${url}/reports/7`));
    service.served.length = 0;
    const lines = [
      'GET /reports/7 HTTP/1.1', 'host: a', `authorization: ${authorization}`, 'connection: close, lntpay-redemption-id, lntpay-reservation',
      'lntpay_redemption_id: rdm_mine', 'LNTPay-Redemption-Id: rdm_mine', 'payment-receipt: mine',
    ];
    const said = await sendRaw(url, `${lines.join('\r\n')}\r\n\r\n`);
    assert.match(said, /^HTTP\/1\.1 200 /);
    assert.match(said, /^payment-receipt: (?!mine)\S+/im);
    const { headers } = service.served[0];
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
      if (kind !== 'nginx') assert.doesNotMatch(header, /public/);
    }
  });

  test(`${kind}: a preflight passes to the service, without invoice or use`, { skip }, async () => {
    const url = await start(await makeGate());
    const authorization = await buy(await fetch(`${url}/reports/7`));
    const asked = { origin: 'https://page.example', 'access-control-request-method': 'GET', 'access-control-request-headers': 'authorization' };
    for (const headers of [asked, { ...asked, authorization }]) {
      service.served.length = 0;
      const answer = await fetch(`${url}/reports/7`, { method: 'OPTIONS', headers });
      assert.deepEqual([answer.status, answer.headers.get('payment-receipt')], [200, null]);
      assert.equal(service.served[0].method, 'OPTIONS');
      for (const name of ['authorization', 'lntpay-redemption-id', 'lntpay-reservation', 'payment-receipt']) {
        assert.equal(service.served[0].headers[name], undefined, name);
      }
    }
    const paid = await fetch(`${url}/reports/7`, { headers: { authorization, origin: 'https://page.example' } });
    assert.equal(paid.status, 200, 'the use was not taken');
    assert.equal(paid.headers.get('access-control-allow-origin'), '*');
    assert.match(paid.headers.get('access-control-expose-headers'), /payment-receipt|\*/i);
    const spent = await fetch(`${url}/reports/7`, { headers: { authorization, origin: 'https://page.example' } });
    assert.deepEqual([spent.status, spent.headers.get('access-control-allow-origin')], [402, '*']);
  });

  test(`${kind}: HEAD, folders and trailing slashes are challenged and open; odd paths are refused, never 500`, { skip }, async () => {
    const url = await start(await makeGate({ match: { method: 'GET', path: '/reports/*' } }));
    for (const [method, asked, opened] of [['HEAD', '/reports/7', '/reports/7'], ['GET', '/reports/', '/reports'], ['GET', '/reports/7/', '/reports/7'], ['GET', '/reports', '/reports/']]) {
      const refused = await fetch(url + asked, { method });
      assert.equal(refused.status, 402, asked);
      const answer = await fetch(url + opened, { headers: { authorization: await buy(refused) } });
      assert.deepEqual([answer.status, await answer.text()], [200, `report for ${opened}`]);
    }
    service.served.length = 0;
    for (const path of ['/', '/secret', '/reportsx', '/reports//7', '/reports/./7', '/reports/../secret', '/reports/%37', '/reports/a%2Fb', '/reports/7;x']) {
      const said = await sendRaw(url, `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
      assert.match(said, /^HTTP\/1\.1 40[0-4] /, path);
    }
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) assert.match(String((await fetch(`${url}/reports/7`, { method })).status), /^40[03]$/, method);
    assert.equal(service.served.length, 0);
  });

  test(`${kind}: credentials in every form stay at the gate; the service's own arrive`, { skip }, async () => {
    const url = await start(await makeGate({ mode: 'pass', ttl_seconds: 600 }));
    const credential = await buy(await fetch(`${url}/reports/7`));
    const lsat = credential.replace('L402', 'LSAT');
    const paid = paidMacaroon(credential);
    const cookies = 'a=1; lntpay_gate_x=2; b=3; lntpay_gate_y=4';
    const eight = `${Array.from({ length: 8 }, (_, i) => `s${i}=${i}; lntpay_gate_${i}=g`).join('; ')}; last=1`;
    for (const [sent, forwarded] of [
      [{ authorization: credential }, {}],
      [{ authorization: `${lsat}, ${credential}` }, {}],
      [{ authorization: `Bearer theirs, ${credential}` }, { authorization: 'Bearer theirs' }],
      [{ authorization: `${credential},Basic dGhlaXJz` }, { authorization: 'Basic dGhlaXJz' }],
      [{ authorization: `${lsat}, Bearer theirs, ${credential}` }, { authorization: 'Bearer theirs' }],
      [{ authorization: 'Bearer theirs', 'payment-authorization': credential }, { authorization: 'Bearer theirs' }],
      [{ macaroon: paid }, {}],
      [{ 'grpc-metadata-macaroon': paid, authorization: 'Bearer theirs' }, { authorization: 'Bearer theirs' }],
      [{ authorization: credential, 'grpc-metadata-macaroon': '0201036c6e64' }, { 'grpc-metadata-macaroon': '0201036c6e64' }],
      [{ authorization: credential, cookie: cookies }, { cookie: 'a=1; b=3' }],
      [{ authorization: credential, cookie: 'lntpay_gate_x=2' }, {}],
      [{ authorization: credential, cookie: eight }, { cookie: 's0=0; s1=1; s2=2; s3=3; s4=4; s5=5; s6=6; s7=7; last=1' }],
    ]) {
      service.served.length = 0;
      const answer = await fetch(`${url}/reports/7`, { headers: sent });
      assert.equal(answer.status, 200, JSON.stringify(sent));
      const { headers } = service.served[0];
      for (const name of ['authorization', 'payment-authorization', 'macaroon', 'grpc-metadata-macaroon', 'cookie']) {
        assert.equal(headers[name]?.replace(/[; ]+$/, ''), forwarded[name], `${name} of ${JSON.stringify(sent)}`);
      }
    }
  });

  test(`${kind}: LSAT and L402 on two lines`, { skip }, async () => {
    const url = await start(await makeGate());
    const credential = await buy(await fetch(`${url}/reports/7`));
    const lines = `Authorization: ${credential.replace('L402', 'LSAT')}\r\nAuthorization: ${credential}\r\n`;
    service.served.length = 0;
    const said = await sendRaw(url, `GET /reports/7 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${lines}\r\n`);
    // nginx itself refuses a request with two Authorization lines (docs/gates.md).
    assert.match(said, kind === 'nginx' ? /^HTTP\/1\.1 400 / : /^HTTP\/1\.1 200 /);
    if (kind !== 'nginx') assert.equal(service.served[0].headers.authorization, undefined);
  });

  test(`${kind}: what the gate itself answers reaches the client, and nginx makes no 500 of it`, { skip }, async () => {
    const unknown = (await makeGate()).replace(/.{4}$/, '0000');
    const answer = await fetch(`${await start(unknown)}/reports/7`);
    assert.equal(answer.status, 404, await answer.text());
  });
}
