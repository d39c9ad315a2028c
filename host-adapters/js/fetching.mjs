// The contract's `fetch` over a WHATWG fetch: whether the request was sent, and what was received. A runtime may resend a request after
// a broken connection, so a host that uses this module sets `send_once` to false in its configuration.
import { failureReason, isNameFailure } from './failure-reason.mjs';

/// Error codes that prove that nothing was sent: no such name, no connection, an untrusted certificate.
const unsent = [
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|UND_ERR_CONNECT_TIMEOUT|ERR_INVALID_URL)$/,
  /^(ERR_TLS|CERT_|UNABLE_TO_|DEPTH_ZERO)|_CERT/,
];

/**
 * @typedef {import('./contract.d.ts').Outgoing} Outgoing
 * @typedef {import('./contract.d.ts').Reply} Reply
 * @typedef {{ url: string, headers?: Record<string, string> }} Upstream
 *
 * @param {object} options
 * @param {typeof globalThis.fetch} [options.fetch]
 * @param {(host: string) => Promise<string[]>} [options.resolve] returns every address of a name, for `mayConnect` to check before a
 *   webhook is sent. The runtime still connects by name, so a host in a private network needs a firewall too. Default: no check; the
 *   runtime itself must not reach private networks (`egress.mode` "platform").
 * @param {number} [options.refusals_every_ms] where names are resolved, a webhook whose name is not usable ends at a multiple of this,
 *   so that the latency does not tell a private name from one that is not found
 * @param {Record<string, Upstream>} [options.upstreams] the configured upstreams besides "webhook"
 * @returns {(asked: Outgoing, mayConnect: Function, signal: AbortSignal) => Promise<Reply>}
 */
export function makeFetch({ fetch = globalThis.fetch, resolve, refusals_every_ms = 1_000, upstreams = {} } = {}) {
  /** @returns {Promise<Reply>} */
  return async function perform(asked, mayConnect, cancelled) {
    const upstream = upstreams[asked.upstream];
    if (!upstream && asked.upstream !== 'webhook') return notSent(`no upstream "${asked.upstream}" is configured`);

    const timeout = AbortSignal.timeout(asked.timeoutMs);
    const ended = new AbortController();  // closes the connection once enough has been read
    const signal = anyOf(timeout, cancelled, ended.signal);
    const why = (error) => (timeout.aborted ? 'timed out' : failureReason(error));
    const began = performance.now();
    let response, left = false;
    try {
      const url = new URL(upstream ? upstream.url + asked.target : asked.target);
      const host = url.hostname.replace(/^\[|\]$/g, '');
      if (!upstream && resolve) {
        const found = await before(signal, (async () => resolve(host))()).catch(() => []);
        const refusal = refusalOf(mayConnect, asked.target, found);
        if (refusal !== undefined) {
          if (!isAddress(host)) await nextMultiple(refusals_every_ms, began, signal);
          return notSent(refusal);
        }
      }
      const body = asked.body === '' && /^(GET|HEAD)$/.test(asked.method) ? undefined : asked.body;
      /** @type {RequestInit} */
      const request = { method: asked.method, headers: headersOf(asked, upstream), body, redirect: 'manual', signal };
      signal.throwIfAborted();
      left = true;
      response = await fetch(url, request);
    } catch (error) {
      if (!upstream && isNameFailure(error)) return notSent(refusalOf(mayConnect, asked.target, []));
      return left && !isUnsent(error) ? { tag: 'no-answer', val: why(error) } : notSent(why(error));
    }

    // A browser hides the status of a redirect. Any redirect status serves: none is followed.
    const head = { status: response.status || 302, headers: [...response.headers], body: '' };
    const read = await readBody(response, asked);
    ended.abort();
    const answered = { ...head, body: read.text };
    return read.error ? { tag: 'broken', val: [answered, why(read.error)] } : { tag: 'answered', val: answered };
  };
}

/** @returns {Reply} */
const notSent = (val) => ({ tag: 'not-sent', val });
const isUnsent = (error) => unsent.some((codes) => codes.test(error?.cause?.code ?? error?.code ?? ''));
const isAddress = (host) => /^[\d.]+$|:/.test(host);

/** The error of the egress rules; undefined when they allow it. Without addresses, that of a name which is not found. */
function refusalOf(mayConnect, url, addresses) {
  try {
    mayConnect(url, addresses);
    return addresses.length === 0 ? 'name not found' : undefined;
  } catch (error) {
    return String(error.payload ?? error.message ?? error);
  }
}

/** Until the next multiple of a time after `began`; at the latest when the signal aborts. */
function nextMultiple(every_ms, began, signal) {
  if (every_ms === 0 || signal.aborted) return;
  const passed_ms = performance.now() - began;
  return new Promise((resolve) => {
    setTimeout(resolve, every_ms - (passed_ms % every_ms));
    signal.addEventListener('abort', resolve, { once: true });
  });
}

function headersOf(asked, upstream) {
  const headers = new Headers();
  for (const [name, value] of asked.headers) headers.append(name, value);
  for (const [name, value] of Object.entries(upstream?.headers ?? {})) headers.set(name, value);
  return headers;
}

/** Up to `bodyLimit` bytes, or `lines` lines. Bytes received before an error are kept. */
async function readBody(response, { bodyLimit, lines }) {
  if (!response.body) return { text: '' };
  const reader = response.body.getReader();
  const chunks = [];
  let size = 0, seen = 0, error;
  try {
    while (size < bodyLimit) {
      const { done, value } = await reader.read();
      if (done) break;
      let end = Math.min(value.length, bodyLimit - size);
      for (let i = 0; lines > 0 && i < end; ++i) if (value[i] === 0x0a && ++seen === lines) end = i + 1;
      chunks.push(value.subarray(0, end));
      size += end;
      if (lines > 0 && seen >= lines) break;
    }
  } catch (failed) {
    error = failed;
  }
  reader.cancel().catch(() => {});
  const decoder = new TextDecoder();  // invalid UTF-8 becomes replacement characters
  return { text: chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join('') + decoder.decode(), error };
}

/** AbortSignal.any, which some runtimes lack. */
function anyOf(...signals) {
  const any = new AbortController();
  for (const signal of signals) {
    if (signal.aborted) any.abort(signal.reason);
    signal.addEventListener('abort', () => any.abort(signal.reason), { once: true, signal: any.signal });
  }
  return any.signal;
}

function before(signal, promise) {
  const aborted = new Promise((_, fail) => signal.addEventListener('abort', () => fail(signal.reason), { once: true }));
  return Promise.race([promise, aborted]);
}
