// The server with a component that spins, exhausts memory or traps at a request: that request and those open in
// the instance get an error, and everything durable is available to the next one.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { assertError, root, startHost, until } from './lib.mjs';

const component = `${root}build/${process.env.WASM_PRESET ?? 'wasm'}/faulty.wasm`;
const skip = existsSync(component) ? false : `${component} is missing: cmake/build.sh wasm tests`;

test('an engine that spins, exhausts memory or traps is replaced without data loss', { skip }, async (t) => {
  const { api, stop } = await startHost({ args: ['--component', component] });
  t.after(() => stop());
  const charge = async () => (await api('POST', '/v1/charges', { amount_sats: 21 })).json;
  const waiting = async () => /^lntpay_waits 1$/m.test((await api('GET', '/metrics')).text);
  let paid = 0;
  for (const fault of ['spin', 'grow', 'trap']) {
    const { id } = await charge();
    const poll = api('GET', `/v1/charges/${id}?wait=25`);
    await until('the long poll waits', waiting);
    // With a key of its own: a client that traps the engine again and again is refused for a while.
    assertError(await api('GET', `/test/${fault}`, undefined, { key: 'lnt_test_trap' }), 500, 'internal_error');
    // The long poll had no effect yet, so it was restarted and does not notice.
    assert.equal((await api('POST', `/v1/sandbox/charges/${id}/pay`, {})).json.status, 'paid');
    assert.equal((await poll).json.status, 'paid');
    assert.equal((await api('GET', '/v1/balance')).json.available_sats, 21 * (paid += 1));
  }
  assert.match((await api('GET', '/metrics')).text, /^lntpay_instances_lost_total 3$/m);
});
