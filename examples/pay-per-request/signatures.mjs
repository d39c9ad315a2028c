// Verifies signatures of LNTPay's webhooks in constant time.
// They cover the raw body: the received bytes, not parsed JSON.
import { createHmac, timingSafeEqual } from 'node:crypto';

const body_bytes_max = 64 * 1024;
const tolerance_s = 5 * 60;

/// The raw body of a request.
export async function readBody(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    if ((size += chunk.length) > body_bytes_max) throw new Error('the body is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const equal = (a, b) => a.length === b.length && timingSafeEqual(a, b);

/// x-lntpay-signature and x-signature: hex HMAC-SHA256 of the body under the whole secret, `whsec_` included.
export function verifyHexSignature(secret, signature, body) {
  const right = createHmac('sha256', secret).update(body).digest('hex');
  return equal(Buffer.from(String(signature)), Buffer.from(right));
}

/// Standard Webhooks 1.0: `v1,` and the base64 HMAC-SHA256 of `id.timestamp.body` under the decoded secret.
/// There are several while a secret is rotated; one must match.
/// Throws an Error that names the problem.
export function verifyStandardWebhook(secret, headers, body, now_s = Date.now() / 1000) {
  const id = headers['webhook-id'];
  const timestamp = headers['webhook-timestamp'];
  const signatures = headers['webhook-signature'];
  if (!id || !timestamp || !signatures) throw new Error('webhook-id, webhook-timestamp or webhook-signature is missing');
  if (!/^\d{1,12}$/.test(timestamp)) throw new Error('webhook-timestamp is not a number');
  if (Math.abs(now_s - Number(timestamp)) > tolerance_s) throw new Error('webhook-timestamp is more than five minutes away');
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const right = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest();
  const matches = (each) => each.startsWith('v1,') && equal(Buffer.from(each.slice(3), 'base64'), right);
  if (!signatures.split(' ').some(matches)) throw new Error('webhook-signature does not match');
}
