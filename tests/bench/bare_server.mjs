// nginx: the baseline of this machine for a request without work, and for a file.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, scratchFolder, sleep } from '../e2e/lib_process.mjs';

/// Answers "hello" to every path, or with the files of a folder.
export async function startBareServer(files) {
  const folder = scratchFolder();
  const port = await freePort();
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join(' ');
  const location = files ? `root ${files}; etag on;` : 'return 200 "hello\\n";';
  // The default user of a master that runs as root may not read the files.
  const user = files && process.getuid() === 0 ? 'user root;' : '';
  writeFileSync(join(folder, 'nginx.conf'), `daemon off; ${user} pid ${folder}/pid; worker_processes 2; events {} http { access_log off; ${temp}
    server { listen 127.0.0.1:${port} reuseport; location / { ${location} } } }`);
  const child = spawn('nginx', ['-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')], { stdio: 'ignore' });
  await sleep(500);
  return { url: `http://127.0.0.1:${port}`, stop: () => child.kill('SIGTERM') };
}
