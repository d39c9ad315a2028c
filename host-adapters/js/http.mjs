// Runs a WHATWG Request through the driver, for event-loop hosts: Workers, service workers, Node with an adapter.
import { body_bytes_max, fields_max, head_bytes_max, target_bytes_max } from './limits.mjs';

/**
 * @param {import('./driver.mjs').Driver} driver
 * @param {Request} request
 * @param {{ client?: string, base?: string }} [about] the peer's address without port; the path prefix of the API
 * @returns {Promise<Response>} rejects when the client disconnects
 */
export async function answer(driver, request, { client = '', base = '' } = {}) {
  const { pathname, search } = new URL(request.url);
  const target = pathname.slice(base.length) + search;
  const headers = [...request.headers];
  const respond = async (refusal) => toResponse(await driver.refuse(refusal), request);

  if (target.length > target_bytes_max) return respond('target-too-long');
  const head_bytes = headers.reduce((sum, [name, value]) => sum + name.length + value.length + 4, target.length);
  if (headers.length > fields_max || head_bytes > head_bytes_max) return respond('headers-too-large');
  if ((request.headers.get('content-encoding') ?? 'identity') !== 'identity') return respond('coding');
  const bytes = await readBody(request);
  if (!bytes) return respond('body-too-large');
  let body;
  try {
    // Keeps a byte order mark, which the engine rejects.
    body = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return respond('not-utf8');
  }
  const asked = { method: request.method, target, headers, body, client };
  return toResponse(await driver.request(asked, { signal: request.signal }), request);
}

function toResponse({ status, headers, body }, { method }) {
  const empty = method === 'HEAD' || status === 204 || status === 304;
  return new Response(empty ? null : body, { status, headers });
}

async function readBody(request) {
  if (Number(request.headers.get('content-length')) > body_bytes_max) return null;
  const chunks = [];
  let size = 0;
  for (const reader = request.body?.getReader(); reader; ) {
    const { done, value } = await reader.read();
    if (done) break;
    if ((size += value.length) > body_bytes_max) {
      reader.cancel().catch(() => {});
      return null;
    }
    chunks.push(value);
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
