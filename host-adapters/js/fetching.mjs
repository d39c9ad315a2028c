// The contract's `fetch` over a WHATWG fetch: what left, what came, and which of the two is not known. A runtime may send a request
// again on a connection that broke, so a host with this one says `send_once` false in its configuration, and the core reckons with it.

/// Nothing was sent, where the runtime tells: no name, no connection, no trust in the other side's certificate.
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
 * @param {(host: string) => Promise<string[]>} [options.resolve] every address of a name. With it each webhook's addresses are
 *   shown to `mayConnect` first; the runtime connects by name all the same, so that a host whose network has private neighbours
 *   needs a firewall too. Without it the runtime itself must have no way into private networks (`egress.mode` "platform").
 * @param {Record<string, Upstream>} [options.upstreams] the configured names beside "webhook"
 * @returns {(asked: Outgoing, mayConnect: Function, signal: AbortSignal) => Promise<Reply>}
 */
export function makeFetch({ fetch = globalThis.fetch, resolve, upstreams = {} } = {}) {
  /** @returns {Promise<Reply>} */
  return async function perform(asked, mayConnect, cancelled) {
    const upstream = upstreams[asked.upstream];
    if (!upstream && asked.upstream !== 'webhook') return notSent(`no upstream "${asked.upstream}" is configured`);

    const timeout = AbortSignal.timeout(asked.timeoutMs);
    const ended = new AbortController();  // hangs up once enough has been read
    const signal = anyOf(timeout, cancelled, ended.signal);
    const why = (error) => (timeout.aborted ? 'time ran out' : reason(error));
    let response, left = false;
    try {
      const url = new URL(upstream ? upstream.url + asked.target : asked.target);
      if (!upstream && resolve) {
        const addresses = await before(signal, resolve(url.hostname.replace(/^\[|\]$/g, '')));
        mayConnect(asked.target, addresses);
      }
      const body = asked.body === '' && /^(GET|HEAD)$/.test(asked.method) ? undefined : asked.body;
      /** @type {RequestInit} */
      const request = { method: asked.method, headers: headersOf(asked, upstream), body, redirect: 'manual', signal };
      signal.throwIfAborted();
      left = true;
      response = await fetch(url, request);
    } catch (error) {
      return left && !isUnsent(error) ? { tag: 'no-answer', val: why(error) } : notSent(error.payload ?? why(error));
    }

    // A browser hides what a redirect says; that it was one is enough here, for none is followed.
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
const reason = (error) => String(error?.cause?.message ?? error?.message ?? error);

function headersOf(asked, upstream) {
  const headers = new Headers();
  for (const [name, value] of asked.headers) headers.append(name, value);
  for (const [name, value] of Object.entries(upstream?.headers ?? {})) headers.set(name, value);
  return headers;
}

/** Up to `bodyLimit` bytes, or `lines` lines. What came before an error is kept. */
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
  const decoder = new TextDecoder();  // what is no UTF-8 becomes replacement characters
  return { text: chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join('') + decoder.decode(), error };
}

/** AbortSignal.any, which Node 18 does not have. */
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
