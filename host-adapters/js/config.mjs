// Builds the argument of `configure` (docs/configuration.md) from a deployment's secrets, with WebCrypto.

const names = ['pepper', 'seal', 'cursor_key', 'gate_key', 'operator_token'];

/** @typedef {Record<'pepper' | 'seal' | 'cursor_key' | 'gate_key' | 'operator_token', string>} Secrets the members of secrets.json of `lntpay serve` */

const hexOf = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

/** Without them every API key and every sealed secret is lost. @returns {Secrets} */
export function newSecrets() {
  const secret = () => hexOf(crypto.getRandomValues(new Uint8Array(32)));
  return { pepper: secret(), seal: secret(), cursor_key: secret(), gate_key: secret(), operator_token: `lnt_operator_${secret()}` };
}

/** The first secret that is missing, or undefined. */
export const missingIn = (secrets) => names.find((name) => typeof secrets[name] !== 'string');

/**
 * @param {object} of
 * @param {Secrets} of.secrets
 * @param {string} of.base_url the public URL of the API, without a trailing slash
 * @param {object} of.egress the permitted targets of webhooks
 * @param {object} [of.limits]
 * @param {number} [of.keep_events_days] how long events and deliveries are kept; 0: forever
 * @param {string} [of.live_network]
 * @param {boolean} [of.live_node]
 */
export async function configOf({ secrets, base_url, egress, limits, keep_events_days = 90, live_network = 'bitcoin', live_node = false }) {
  const { pepper, seal, cursor_key, gate_key, operator_token } = secrets;
  return {
    base_url,
    live_network,
    live_node,
    pepper: [{ id: '1', key: pepper }],
    seal: [{ id: '1', key: seal }],
    cursor_key,
    gate_key,
    operator_hmac: await hmac(pepper, operator_token),
    limits: { rate_quota: 600, rate_window_s: 60, challenges_per_client: 60, challenges_per_gate: 10_000, ...limits },
    keep_events_days,
    egress: { allow_loopback: false, ...egress },
    send_once: false,  // a runtime may resend a request after a broken connection
  };
}

async function hmac(key_hex, text) {
  const bytes = Uint8Array.from(key_hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  const key = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  return hexOf(new Uint8Array(await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(text))));
}
