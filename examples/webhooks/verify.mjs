import { createHmac, timingSafeEqual } from 'node:crypto';

/// `secrets`: whsec_… of the endpoint, both during a rotation; `body`: the raw bytes, before any JSON parser. Throws unless it is ours.
export function verifyWebhook(secrets, headers, body, now = Date.now()) {
  const id = headers['webhook-id'];
  const timestamp = headers['webhook-timestamp'];
  const given = (headers['webhook-signature'] ?? '').split(' ').map((text) => Buffer.from(text));
  if (!id || !/^\d+$/.test(timestamp ?? '')) throw new Error('webhook headers are missing');
  if (Math.abs(now / 1000 - Number(timestamp)) > 300) throw new Error('webhook-timestamp is not from the last five minutes');
  for (const secret of secrets) {
    const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
    const mac = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64');
    const expected = Buffer.from(`v1,${mac}`);
    if (given.some((each) => each.length === expected.length && timingSafeEqual(each, expected))) return JSON.parse(body);
  }
  throw new Error('no webhook signature matches');
}
