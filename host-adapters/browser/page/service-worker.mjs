// Stands at the root of the site: the sandbox answers below its scope, everything else comes from the files that were kept at the
// first load, so that the page works offline.
import load from './engine/lntpay.mjs';
import { makeInstanceOf } from './browser/engine.mjs';
import { Sandbox } from './browser/sandbox.mjs';
import { files, version } from './files.mjs';

const cache_name = `lntpay-${version}`;
const channel = new BroadcastChannel('lntpay');

async function compile() {
  const kept = await caches.match(new URL('engine/lntpay.wasm', self.registration.scope));
  return WebAssembly.compileStreaming(kept ?? fetch('engine/lntpay.wasm'));
}

/** Opened by the first request that needs it, and anew after a failure. */
let opened;
const sandbox = () => (opened ??= open().catch((error) => {
  opened = undefined;
  throw error;
}));

async function open() {
  const makeInstance = makeInstanceOf(load, await compile());
  return Sandbox.open({ scope: self.registration.scope, makeInstance, tell: (message) => channel.postMessage(message) });
}

async function respond(request) {
  try {
    if (request.method === 'DELETE' && request.url === `${self.registration.scope}sandbox.json`) {
      await (await sandbox()).forget();
      opened = undefined;
      return new Response(null, { status: 204 });
    }
    const answer = (await sandbox()).handle(request);
    if (answer) return await answer;
  } catch (error) {
    console.error(error);
    return Response.json({ error: { code: 'storage_unavailable', message: `The sandbox cannot answer; nothing was lost. ${error.message}` } }, { status: 503 });
  }
  return (await caches.match(request, { ignoreSearch: true })) ?? fetch(request);
}

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(cache_name).then((cache) => cache.addAll(files)).then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => {
  const forget = async () => {
    for (const name of await caches.keys()) if (name.startsWith('lntpay-') && name !== cache_name) await caches.delete(name);
    await self.clients.claim();
  };
  event.waitUntil(forget());
});

self.addEventListener('fetch', (event) => {
  if (event.request.url.startsWith(self.registration.scope)) event.respondWith(respond(event.request));
});
