// examples/content-paywall: the command of its README works, and the paywall opens only on a signed charge.paid.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { createPaywall } from '../../examples/content-paywall/server.mjs';
import { root, startNodeHost } from './lib.mjs';

test('the command of the README runs every step', async () => {
  const [, command] = /^```sh\n(.*)\n```$/m.exec(await readFile(`${root}examples/content-paywall/README.md`, 'utf8'));
  const { LNTPAY_API_KEY, LNTPAY_BASE_URL, ...env } = process.env;
  const { stdout } = await promisify(execFile)('bash', ['-c', command], { cwd: root, env, timeout: 60_000 });
  assert.match(stdout, /^6 of 6 steps succeeded$/m);
});

test('a page opens only for the reader of a charge with a signed charge.paid', async (t) => {
  const host = await startNodeHost();
  const webhookSecret = 'whsec_dGVzdA==';
  const paywall = createPaywall({ apiKey: host.keys.test, webhookSecret, baseUrl: `${await host.listen()}/v1` }).listen(0, '127.0.0.1');
  await once(paywall, 'listening');
  const url = `http://127.0.0.1:${paywall.address().port}`;
  t.after(() => {
    paywall.close();
    paywall.closeAllConnections();
    host.close();
  });
  const visit = async (reader, method = 'GET') => {
    const headers = reader ? { cookie: `other=1; reader=${reader}` } : {};
    const response = await fetch(`${url}/`, { method, headers, redirect: 'manual' });
    const { status, headers: got } = response;
    return { status, text: await response.text(), cookie: got.get('set-cookie'), location: got.get('location') };
  };
  const hook = async (event, secret = webhookSecret, name = 'x-lntpay-signature') => {
    const body = JSON.stringify(event);
    const headers = { [name]: createHmac('sha256', secret).update(body).digest('hex') };
    return (await fetch(`${url}/webhooks/lntpay`, { method: 'POST', body, headers })).status;
  };
  const fresh = await visit();
  assert.match(fresh.cookie, /^reader=[0-9a-f]{32}; HttpOnly; SameSite=Lax/);
  const [one, two] = ['1'.repeat(32), '2'.repeat(32)];
  for (const reader of [one, two]) {
    const asked = await visit(reader, 'POST');
    assert.equal(asked.status, 303);
    assert.match(asked.location, /\/pay\/t/);
    assert.ok((await visit(reader)).text.includes(`href="${asked.location}"`));
  }
  const { data } = (await host.api('GET', '/v1/charges?order=asc')).json;
  assert.equal(data.length, 2);
  assert.deepEqual([data[0].success_url, data[0].cancel_url], [`${url}/`, `${url}/`]);
  const paid = { type: 'charge.paid', data: { id: data[0].id } };
  assert.equal(await hook(paid, 'whsec_b3RoZXI='), 400);
  assert.equal(await hook(paid, webhookSecret, 'x-other'), 400);
  assert.equal(await hook({ ...paid, type: 'charge.created' }), 200);
  assert.equal(await hook({ ...paid, data: { id: 'ch_unknown' } }), 200);
  assert.equal((await visit(one)).status, 402);
  assert.equal(await hook(paid), 200);
  assert.equal(await hook(paid), 200);  // delivered twice
  assert.deepEqual([(await visit(one)).status, (await visit(two)).status], [200, 402]);
  assert.equal((await visit(one, 'POST')).status, 200);
  assert.equal((await host.api('GET', '/v1/charges')).json.data.length, 2);
});
