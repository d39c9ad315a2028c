// Serves the site on this machine: node serve.mjs [--port 8403] [--site build/site]
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const types = { '.html': 'text/html; charset=utf-8', '.mjs': 'text/javascript', '.css': 'text/css', '.js': 'text/javascript; charset=utf-8', '.json': 'application/json', '.txt': 'text/plain; charset=utf-8', '.svg': 'image/svg+xml', '.wasm': 'application/wasm' };

export const site_folder = fileURLToPath(new URL('../../build/site', import.meta.url));

/** Serves a folder's files, on a free port if `port` is 0. Resolves to the server once it listens. */
export async function serveSite({ port = 0, site = site_folder } = {}) {
  const server = createServer(async ({ url }, response) => {
    let path;
    try {
      path = normalize(decodeURIComponent(new URL(url, 'http://localhost').pathname)).replace(/\/$/, '/index.html');
    } catch {
      return response.writeHead(400).end('not a path\n');
    }
    const file = join(site, path);
    const found = await stat(file).catch(() => undefined);
    if (!found?.isFile()) return response.writeHead(404).end('not found\n');
    response.writeHead(200, { 'content-type': types[extname(file)] ?? 'application/octet-stream', 'cache-control': 'no-cache' });
    createReadStream(file).pipe(response);
  });
  await new Promise((resolve, fail) => server.once('error', fail).listen(port, '127.0.0.1', resolve));
  return server;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { port: { type: 'string', default: '8403' }, site: { type: 'string', default: site_folder } } });
  const server = await serveSite({ port: Number(values.port), site: values.site });
  console.log(`LNTPay in a browser tab: http://localhost:${server.address().port}/   (press Ctrl-C to stop)`);
}
