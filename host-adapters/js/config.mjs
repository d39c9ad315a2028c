// From a deployment's secrets to what `configure` takes (docs/configuration.md), with WebCrypto, which every host here has.

const names = ['pepper', 'seal', 'cursor_key', 'gate_key', 'operator_token'];

/** @typedef {Record<'pepper' | 'seal' | 'cursor_key' | 'gate_key' | 'operator_token', string>} Secrets what secrets.json of `lntpay serve` has */

const hexOf = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

/** Whoever loses them loses every API key and every sealed secret. @returns {Secrets} */
export function newSecrets() {
  const secret = () => hexOf(crypto.getRandomValues(new Uint8Array(32)));
  return { pepper: secret(), seal: secret(), cursor_key: secret(), gate_key: secret(), operator_token: `lnt_operator_${secret()}` };
}

/** The first of the names that is missing. */
export const missingIn = (secrets) => names.find((name) => typeof secrets[name] !== 'string');

/**
 * @param {object} of
 * @param {Secrets} of.secrets
 * @param {string} of.base_url where clients reach the API; no slash at the end
 * @param {object} of.egress where webhooks may go
 * @param {object} [of.limits]
 * @param {string} [of.live_network]
 * @param {boolean} [of.live_node]
 */
export async function configOf({ secrets, base_url, egress, limits, live_network = 'bitcoin', live_node = false }) {
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
    limits: { rate_quota: 1_000, rate_window_s: 60, challenges_per_client: 60, challenges_per_gate: 10_000, ...limits },
    egress: { allow_loopback: false, ...egress },
    send_once: false,  // a runtime may send a request again on a connection that broke
  };
}

async function hmac(key_hex, text) {
  const bytes = Uint8Array.from(key_hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  const key = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  return hexOf(new Uint8Array(await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(text))));
}
