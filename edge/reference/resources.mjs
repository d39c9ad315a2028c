// What every host serves beside the API: node resources.mjs FOLDER. Reads openapi.json in the folder, writes the other files, and
// resources.json, from which hosts know path, file, type and ETag of each.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { agentsOf, llmsOf } from './llms.mjs';
import { asOpenapi30 } from './openapi-3.0.mjs';
import { pageOf } from './reference-page.mjs';

const html = 'text/html; charset=utf-8';
const text = 'text/plain; charset=utf-8';

const page = (name) => readFileSync(new URL(`page/${name}`, import.meta.url), 'utf8');

/** The page loads its own files and calls its own host; nothing else. */
const page_headers = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
};

/** Of every file, on every host. */
const common_headers = { 'access-control-allow-origin': '*', 'cache-control': 'public, max-age=300', 'x-content-type-options': 'nosniff' };

/** The one list: [path, file, content type, content, headers]. */
export function resourcesOf(document) {
  return [
    ['/openapi.json', 'openapi.json', 'application/json', `${JSON.stringify(document)}\n`],
    ['/openapi-3.0.json', 'openapi-3.0.json', 'application/json', `${JSON.stringify(asOpenapi30(document))}\n`],
    ['/docs', 'docs.html', html, pageOf(document), page_headers],
    ['/docs/reference.css', 'docs/reference.css', 'text/css; charset=utf-8', page('reference.css')],
    ['/docs/reference.js', 'docs/reference.js', 'text/javascript; charset=utf-8', page('reference.js')],
    ['/llms.txt', 'llms.txt', text, llmsOf(document)],
    ['/llms-full.txt', 'llms-full.txt', text, agentsOf(document)],
  ];
}

function main(folder) {
  mkdirSync(join(folder, 'docs'), { recursive: true });
  const document = JSON.parse(readFileSync(join(folder, 'openapi.json'), 'utf8'));
  const list = resourcesOf(document).map(([path, file, type, content, headers = {}]) => {
    writeFileSync(join(folder, file), content);
    writeFileSync(join(folder, `${file}.gz`), gzipSync(content, { level: 9 }));
    return { path, file, type, etag: `"${createHash('sha256').update(content).digest('hex').slice(0, 16)}"`, headers };
  });
  // For a Worker's static assets, whose paths are those of the files.
  const rules = list.map(({ path, type, headers }) => [path, ...Object.entries({ 'content-type': type, ...common_headers, ...headers }).map(([name, value]) => `  ${name}: ${value}`)]);
  writeFileSync(join(folder, '_headers'), `${rules.flat().join('\n')}\n`);
  writeFileSync(join(folder, '.assetsignore'), '*.gz\nresources.json\n');
  writeFileSync(join(folder, 'resources.json'), `${JSON.stringify(list, null, 1)}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(process.argv[2]);
