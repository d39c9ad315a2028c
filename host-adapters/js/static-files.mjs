// The files of build/resources, beside the API, for hosts on Node: openapi.json, the reference, what coding agents read.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const common_headers = { 'access-control-allow-origin': '*', 'cache-control': 'public, max-age=300', vary: 'Accept-Encoding', 'x-content-type-options': 'nosniff' };

/** The items of a list in a header. @param {string | null} list */
const itemsOf = (list) => (list ?? '').split(',').map((item) => item.trim());

/**
 * @param {string} folder made by `make resources`
 * @returns {Promise<(request: Request) => Response | undefined>} the response, if the path is that of a file
 */
export async function loadStaticFiles(folder) {
  /** @type {{ path: string, file: string, type: string, etag: string, headers: Record<string, string> }[]} */
  const list = JSON.parse(await readFile(join(folder, 'resources.json'), 'utf8'));
  const files = new Map(await Promise.all(list.map(async ({ path, file, type, etag, headers }) => {
    const [plain, gzip] = await Promise.all(['', '.gz'].map((end) => readFile(join(folder, file + end))));
    return /** @type {const} */ ([path, { plain, gzip, etag: `W/${etag}`, headers: { ...common_headers, 'content-type': type, ...headers } }]);
  })));
  return (request) => {
    const file = files.get(new URL(request.url).pathname);
    if (!file) return undefined;
    if (request.method !== 'GET' && request.method !== 'HEAD') return new Response(null, { status: 405, headers: { allow: 'GET, HEAD' } });
    const headers = { ...file.headers, etag: file.etag };
    const known = itemsOf(request.headers.get('if-none-match'));
    if (known.some((each) => each === '*' || each === file.etag || `W/${each}` === file.etag)) return new Response(null, { status: 304, headers });
    const packed = itemsOf(request.headers.get('accept-encoding')).some((each) => /^(gzip|\*)(?!.*;\s*q=0(\.0*)?$)/i.test(each));
    const body = packed ? file.gzip : file.plain;
    return new Response(request.method === 'HEAD' ? null : body, { headers: packed ? { ...headers, 'content-encoding': 'gzip' } : headers });
  };
}
