// What every host serves beside the API: node resources.mjs FOLDER. Reads openapi.json in the folder, writes the other files, and
// resources.json, from which hosts know path, file, type and ETag of each.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { asOpenapi30 } from './openapi-3.0.mjs';

const html = 'text/html; charset=utf-8';
const text = 'text/plain; charset=utf-8';

/** The one list: [path, file, content type, content]. */
export function resourcesOf(document) {
  return [
    ['/openapi.json', 'openapi.json', 'application/json', `${JSON.stringify(document)}\n`],
    ['/openapi-3.0.json', 'openapi-3.0.json', 'application/json', `${JSON.stringify(asOpenapi30(document))}\n`],
  ];
}

function main(folder) {
  const document = JSON.parse(readFileSync(join(folder, 'openapi.json'), 'utf8'));
  const list = resourcesOf(document).map(([path, file, type, content]) => {
    writeFileSync(join(folder, file), content);
    writeFileSync(join(folder, `${file}.gz`), gzipSync(content, { level: 9 }));
    return { path, file, type, etag: `"${createHash('sha256').update(content).digest('hex').slice(0, 16)}"` };
  });
  writeFileSync(join(folder, 'resources.json'), `${JSON.stringify(list, null, 1)}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(process.argv[2]);
