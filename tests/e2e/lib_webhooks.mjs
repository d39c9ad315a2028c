// A host with workspaces that have webhooks, and receivers of them, for tests.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { startHost } from './lib.mjs';

/// A host whose workspaces are made by `shop()`: a client call(method, path, body, status) that fails if the response has another
/// status, with `charge()` and `pay(charge)`.
export async function startShops(options = {}) {
  const host = await startHost({ ...options, args: ['--log-level', 'warn'] });
  const metric = async (name) => Number(new RegExp(`^${name} (.*)$`, 'm').exec((await host.api('GET', '/metrics')).text)[1]);
  const client = (key) => {
    const api = (method, path, body) => host.api(method, path, body, { key });
    const call = async (method, path, body, status = 200) => {
      const answer = await api(method, path, body);
      assert.equal(answer.status, status, `${method} ${path}: ${answer.text}`);
      return answer.json;
    };
    const charge = (more = {}) => call('POST', '/v1/charges', { amount_sats: 21, ...more }, 201);
    const pay = ({ id }) => call('POST', `/v1/sandbox/charges/${id}/pay`, {});
    const endpoint = (url, ...types) =>
      call('POST', '/v1/webhook_endpoints', { url, ...(types.length && { event_types: types }) }, 201);
    return Object.assign(call, { api, charge, pay, endpoint });
  };
  const shop = async () => {
    const answer = await host.api('POST', '/v1/admin/workspaces', { name: 'shop' }, { key: host.env.LNTPAY_OPERATOR_TOKEN });
    assert.equal(answer.status, 201, answer.text);
    return client(answer.json.api_keys.test);
  };
  return { ...host, metric, shop, own: client(host.env.LNTPAY_API_KEY) };
}

/// A receiver of webhooks: { url, received, of(charge), release() }. It responds 200, or `answer(delivery)`; deliveries for which
/// `hangs` is true wait for release(). Each delivery: { at, headers, body, event, path }.
export async function startReceiver(t, { hangs = () => false, answer = () => 200 } = {}) {
  const received = [];
  const held = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part) => (body += part)).on('end', () => {
      const delivery = { at: performance.now(), headers: request.headers, body, event: JSON.parse(body), path: request.url };
      received.push(delivery);
      const respond = () => response.writeHead(answer(delivery)).end('noted');
      if (hangs(delivery)) held.push(respond);
      else respond();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close().closeAllConnections());
  const release = () => {
    hangs = () => false;
    for (const respond of held.splice(0)) respond();
  };
  const of = ({ id }) => received.filter(({ event }) => event.data.id === id);
  return { url: `http://127.0.0.1:${server.address().port}`, received, of, release };
}

export const deliveriesOf = async (shop, { id }) => (await shop('GET', `/v1/webhook_endpoints/${id}/deliveries?limit=100`)).data;
export const succeededOf = async (shop, endpoint) => (await deliveriesOf(shop, endpoint)).filter(({ status }) => status === 'succeeded');
