// Builds the engine's configuration (docs/configuration.md) and the upstreams of `fetch` from a Worker's variables and secrets.
//
//   LNTPAY_BASE_URL       https://pay.example.com, without a trailing slash
//   LNTPAY_SECRETS        secret: the output of `node ../js/new-secrets.mjs`; keep a copy in a safe place
//   LNTPAY_LIVE_NETWORK   bitcoin (default), testnet, signet, regtest
//   LNTPAY_LND_URL        of `lntpay node-proxy`; with the secrets LNTPAY_LND_RECEIVE_TOKEN and LNTPAY_LND_PAY_TOKEN
//   LNTPAY_RATE_LIMIT     requests/seconds of a workspace (default: 600/60)
//   LNTPAY_CHALLENGES_PER_CLIENT, LNTPAY_CHALLENGES_PER_GATE  new invoices of gates in ten minutes (default: 60, 10000)
//   LNTPAY_KEEP_EVENTS_DAYS  days for which events and deliveries are kept; 0: forever (default: 90)
//   LNTPAY_ALLOW_LOOPBACK "1": webhooks of test keys may go to this machine (wrangler dev)

import { configOf, missingIn } from '../js/config.mjs';

const keep_events_days_max = 3_650;

/** @returns {Promise<{ config: object, upstreams: Record<string, import('../js/fetching.mjs').Upstream> }>} throws an Error that names the invalid or missing variable */
export async function readSettings(env) {
  const secrets = readSecrets(env.LNTPAY_SECRETS);
  const [rate_quota, rate_window_s] = numbers('LNTPAY_RATE_LIMIT', env.LNTPAY_RATE_LIMIT ?? '600/60', 2);
  const [challenges_per_client] = numbers('LNTPAY_CHALLENGES_PER_CLIENT', env.LNTPAY_CHALLENGES_PER_CLIENT ?? '60', 1);
  const [challenges_per_gate] = numbers('LNTPAY_CHALLENGES_PER_GATE', env.LNTPAY_CHALLENGES_PER_GATE ?? '10000', 1);
  const config = await configOf({
    secrets,
    base_url: env.LNTPAY_BASE_URL ?? missing('LNTPAY_BASE_URL', 'set it to the public URL of this Worker'),
    live_network: env.LNTPAY_LIVE_NETWORK,
    live_node: Boolean(env.LNTPAY_LND_URL),
    limits: { rate_quota, rate_window_s, challenges_per_client, challenges_per_gate },
    keep_events_days: keepEventsDays(env.LNTPAY_KEEP_EVENTS_DAYS ?? '90'),
    // The platform's network reaches nothing private.
    egress: { mode: 'platform', allow_loopback: env.LNTPAY_ALLOW_LOOPBACK === '1' },
  });
  const upstream = (token) => ({ url: env.LNTPAY_LND_URL, headers: { authorization: `Bearer ${token}` } });
  const upstreams = env.LNTPAY_LND_URL
    ? { 'lnd-receive': upstream(env.LNTPAY_LND_RECEIVE_TOKEN), 'lnd-pay': upstream(env.LNTPAY_LND_PAY_TOKEN) }
    : {};
  return { config, upstreams };
}

function readSecrets(text) {
  if (!text) missing('LNTPAY_SECRETS', 'run node ../js/new-secrets.mjs | npx wrangler secret put LNTPAY_SECRETS');
  let secrets;
  try {
    secrets = JSON.parse(text);
  } catch {
    throw new Error('LNTPAY_SECRETS is not JSON: set it to the whole output of new-secrets.mjs');
  }
  const name = missingIn(secrets);
  if (name) missing(`"${name}" in LNTPAY_SECRETS`, 'set it to the whole output of new-secrets.mjs');
  return secrets;
}

/** "600/60" */
function numbers(name, text, count) {
  const values = text.split('/').map(Number);
  if (values.length === count && values.every((value) => Number.isSafeInteger(value) && value > 0)) return values;
  throw new Error(`${name} is "${text}": it must be ${count === 1 ? 'a positive integer' : 'requests/seconds, such as 600/60'}`);
}

function keepEventsDays(text) {
  const days = Number(text);
  if (/^\d+$/.test(text) && days <= keep_events_days_max) return days;
  throw new Error(`LNTPAY_KEEP_EVENTS_DAYS is "${text}": it must be a whole number from 0 to ${keep_events_days_max}`);
}

function missing(what, how) {
  throw new Error(`${what} is missing: ${how}`);
}
