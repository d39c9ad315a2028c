// Runs every step of the paywall in a sandbox that it starts. Exits with 0 only if every step succeeds.
//   node demo.mjs            runs every step
//   node demo.mjs --sdk       the same with the npm package @lntpay/sdk
//   node demo.mjs --stay     keeps running afterwards: open the page in a browser; its checkout page has a button that pays
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { freePort } from '../../host-adapters/js/programs.mjs';
import { startSandbox } from '../pay-per-request/sandbox.mjs';

const { createPaywall } = await import(process.argv.includes('--sdk') ? './sdk.mjs' : './server.mjs');

let number = 0;
const done = (what) => console.log(`${String((number += 1)).padStart(2)}. ✓ ${what}`);

const sandbox = await startSandbox();
const api = async (method, path, body, key = sandbox.env.LNTPAY_API_KEY) => {
  const init = { method, headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' }, signal: AbortSignal.timeout(10_000) };
  const response = await fetch(`${sandbox.url}/v1${path}`, { ...init, ...(body && { body: JSON.stringify(body) }) });
  const json = await response.json();
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${JSON.stringify(json)}`);
  return json;
};
let paywall;
try {
  const { key: apiKey } = await api('POST', '/api_keys', { name: 'paywall', scopes: ['charges:write', 'webhooks:read'] });
  const url = `http://127.0.0.1:${await freePort()}`;
  const { secret: webhookSecret } = await api('POST', '/webhook_endpoints', { url: `${url}/webhooks/lntpay`, event_types: ['charge.paid'] });
  paywall = createPaywall({ apiKey, webhookSecret, baseUrl: `${sandbox.url}/v1` }).listen(new URL(url).port, '127.0.0.1');
  await once(paywall, 'listening');
  done(`The paywall runs at ${url}/`);

  let cookie = '';
  const read = async (method = 'GET') => {
    const response = await fetch(`${url}/`, { method, headers: { cookie }, redirect: 'manual', signal: AbortSignal.timeout(10_000) });
    cookie ||= response.headers.get('set-cookie').split(';')[0];
    return { status: response.status, text: await response.text(), location: response.headers.get('location') };
  };
  const teaser = await read();
  assert.equal(teaser.status, 200);
  assert.ok(!teaser.text.includes('So the number is the receipt'), 'the content is not free');
  done('A reader sees the teaser and the price');
  const asked = await read('POST');
  assert.equal(asked.status, 303);
  const checkout = await (await fetch(asked.location)).text();
  assert.match(checkout, /<svg /);
  const [bolt11] = /lnbcrt[0-9a-z]+/.exec(checkout);
  assert.equal((await read('POST')).location, asked.location, 'the same charge again');
  done(`The reader asks for the article, and gets a checkout page with a QR code: ${asked.location.slice(0, 40)}…`);
  assert.equal((await read()).status, 402);
  await api('POST', '/sandbox/wallet/pay', { bolt11 });
  done('The reader pays it');
  let now;
  for (let tries = 0; (now = await read()).status !== 200; ++tries) {
    assert.ok(tries < 100, 'charge.paid did not arrive');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.ok(now.text.includes('So the number is the receipt'));
  done('The webhook charge.paid arrives, and the reader gets the article');
  assert.equal((await read()).status, 200);
  cookie = '';
  assert.ok(!(await read()).text.includes('So the number is the receipt'));
  done('The reader can read it again; another reader cannot');
  console.log(`${number} of 6 steps succeeded`);

  if (process.argv.includes('--stay')) {
    console.log(`\nOpen ${url}/ in a browser. Press Ctrl-C to stop.`);
    await once(process, 'SIGINT');
  }
} finally {
  paywall?.close();
  paywall?.closeAllConnections();
  await sandbox.stop();
}
