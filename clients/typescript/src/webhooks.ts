// Verification of webhooks, with WebCrypto: on Node, Deno, Bun, Workers and in browsers. Comparisons take constant time (subtle.verify).
import { WebhookVerificationError } from './errors.js';
import type { WebhookEvent } from './objects.js';

/** The headers of a request: WHATWG Headers, or those of node:http. */
export type HeaderLines = Headers | Record<string, string | string[] | undefined>;

export interface VerifyOptions {
  /** `standard`: Standard Webhooks (default). `hex`: x-lntpay-signature or x-signature, which do not detect a repeated delivery. */
  scheme?: 'standard' | 'hex';
  /** How far `webhook-timestamp` may be from now. Default: 300. */
  toleranceSeconds?: number;
  /** Default: the clock. */
  now?: Date;
}

const body_bytes_max = 1024 * 1024;

/**
 * The event of a webhook. Throws a WebhookVerificationError unless one of the secrets signed exactly this body.
 * @param secrets whsec_… of the endpoint; during a rotation both
 * @param headers of the request
 * @param body the raw bytes or text, before any JSON parser
 */
export async function verifyWebhook(
  secrets: string | readonly string[],
  headers: HeaderLines,
  body: string | Uint8Array | ArrayBuffer,
  { scheme = 'standard', toleranceSeconds = 300, now = new Date() }: VerifyOptions = {},
): Promise<WebhookEvent> {
  const bytes = bytesOf(body);
  if (bytes.length > body_bytes_max) throw new WebhookVerificationError('The body is larger than any webhook.');
  const known = typeof secrets === 'string' ? [secrets] : secrets;
  if (known.length === 0 || known.some((secret) => !/^whsec_[A-Za-z0-9+/]+={0,2}$/.test(secret))) {
    throw new TypeError('A webhook secret is missing or malformed: it begins with whsec_.');
  }
  const signed = scheme === 'hex' ? hexSigned(headers, bytes) : standardSigned(headers, bytes, toleranceSeconds, now);
  for (const secret of known) {
    const key = await hmacKey(scheme === 'hex' ? utf8(secret) : fromBase64(secret.slice('whsec_'.length)));
    for (const signature of signed.signatures) {
      if (await crypto.subtle.verify('HMAC', key, signature, signed.text)) return eventOf(bytes, signed.id);
    }
  }
  throw new WebhookVerificationError('No signature matches: the secret is another one, or the body is not the one that was sent.');
}

type Bytes = Uint8Array<ArrayBuffer>;
interface Signed {
  id?: string;
  text: Bytes;
  signatures: Bytes[];
}

function standardSigned(headers: HeaderLines, body: Bytes, tolerance_s: number, now: Date): Signed {
  const [id, timestamp, given] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => line(headers, name));
  if (!id || !timestamp || !given) throw new WebhookVerificationError('webhook-id, webhook-timestamp or webhook-signature is missing.');
  if (!/^\d{1,12}$/.test(timestamp)) throw new WebhookVerificationError('webhook-timestamp is not a number.');
  if (!(Math.abs(now.getTime() / 1_000 - Number(timestamp)) <= tolerance_s)) {
    throw new WebhookVerificationError(`webhook-timestamp is more than ${tolerance_s} seconds away: an old delivery, or a wrong clock.`);
  }
  const signatures = given.split(' ').slice(0, 16).filter((each) => each.startsWith('v1,')).map((each) => fromBase64(each.slice(3)));
  return { id, text: joined(utf8(`${id}.${timestamp}.`), body), signatures };
}

function hexSigned(headers: HeaderLines, body: Bytes): Signed {
  const given = line(headers, 'x-lntpay-signature') ?? line(headers, 'x-signature');
  if (!given) throw new WebhookVerificationError('x-lntpay-signature and x-signature are missing.');
  if (!/^[0-9a-f]{64}$/i.test(given)) throw new WebhookVerificationError('The signature is not 64 hex characters.');
  return { text: body, signatures: [Uint8Array.from(given.match(/../g)!, (pair) => parseInt(pair, 16))] };
}

/** Parses what was verified, so that no one acts on another text. */
function eventOf(body: Bytes, id?: string): WebhookEvent {
  let event: WebhookEvent | undefined;
  try {
    event = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) as WebhookEvent;
  } catch {}
  if (typeof event !== 'object' || event === null || typeof event.type !== 'string' || (id !== undefined && event.id !== id)) {
    throw new WebhookVerificationError('The body is no event.');
  }
  return event;
}

function line(headers: HeaderLines, name: string): string | undefined {
  if (typeof (headers as Headers).get === 'function') return (headers as Headers).get(name) ?? undefined;
  const lines = headers as Record<string, string | string[] | undefined>;
  const value = lines[name] ?? Object.entries(lines).find(([each]) => each.toLowerCase() === name)?.[1];
  return Array.isArray(value) ? value.join(' ') : value;
}

const utf8 = (text: string): Bytes => new TextEncoder().encode(text) as Bytes;
const hmacKey = (bytes: Bytes) => crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']);

function bytesOf(body: string | Uint8Array | ArrayBuffer): Bytes {
  if (typeof body === 'string') return utf8(body);
  if (body instanceof ArrayBuffer) return new Uint8Array(body);
  if (body instanceof Uint8Array) return body as Bytes;
  throw new TypeError('Pass the raw body, as bytes or text: the signature does not cover parsed JSON.');
}

/** Empty where the text is no base64: it matches nothing. */
function fromBase64(text: string): Bytes {
  try {
    return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  } catch {
    return new Uint8Array();
  }
}

function joined(first: Bytes, second: Bytes): Bytes {
  const all = new Uint8Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}
