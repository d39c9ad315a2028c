// The npm package as `make packages` makes it: installed from its tarball into an empty project, as ESM and CommonJS, type-checked, and used
// against a running server on Node, Bun, Deno, workerd and in Chromium. The code of its README runs too.
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { Miniflare } from '../../host-adapters/cloudflare/local-workers.mjs';
import { root, startHost } from './lib.mjs';
import { launch } from './lib_browser.mjs';
import { offerOf } from './lib_gates.mjs';
import { freePort, scratchFolder } from './lib_process.mjs';
import { listen, package_root } from './lib_sdk.mjs';

const run = promisify(execFile);
const tools = join(root, 'build/client-tests/node_modules');
const { name, version } = JSON.parse(readFileSync(`${package_root}/package.json`, 'utf8'));
const tarball = join(root, `build/packages/lntpay-sdk-${version}.tgz`);
const readme = readFileSync(`${package_root}/README.md`, 'utf8');
const snippets = (language) => [...readme.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\``, 'gm'))].map(([, code]) => code);
let host, project, installed;

before(async () => {
  host = await startHost();
  project = scratchFolder();
  writeFileSync(join(project, 'package.json'), '{ "name": "empty", "private": true }');
  const { status, stderr } = spawnSync('npm', ['install', '--offline', '--no-audit', '--no-fund', tarball], { cwd: project, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  installed = join(project, 'node_modules/@lntpay/sdk');
});
after(() => host?.stop());

const settings = () => ({ ...process.env, LNTPAY_API_KEY: host.env.LNTPAY_API_KEY, LNTPAY_BASE_URL: host.env.LNTPAY_BASE_URL });
const file = (path, text) => (writeFileSync(join(project, path), text), path);
const output = async (program, ...args) => (await run(program, args, { cwd: project, env: settings(), timeout: 60_000 })).stdout.trim();

/// A program that uses the installed package; prints `paid 200 the report`.
const program = (imports) => `${imports}
(async () => {
  const lntpay = new LNTPay();
  const charge = await lntpay.charges.create({ amount_sats: 21 });
  await lntpay.sandbox.payCharge(charge.id);
  const { status } = await lntpay.charges.wait(charge.id);
  const handler = paid({ price: 21, lntpay })(() => new Response('the report'));
  const payer = async (invoice) => (await lntpay.sandbox.payInvoice(invoice)).preimage;
  const buy = payingFetch({ payer, budget: { perRequestSats: 21, totalSats: 21 }, fetch: (url, init) => handler(new Request(url, init)) });
  const answer = await buy('http://shop.example/reports/7');
  console.log(status, answer.status, await answer.text());
})();
`;
const esm = program("import { LNTPay, payingFetch } from '@lntpay/sdk';\nimport { paid } from '@lntpay/sdk/fetch';");
const cjs = program("const { LNTPay, payingFetch } = require('@lntpay/sdk');\nconst { paid } = require('@lntpay/sdk/fetch');");

test('the package holds its modules, types and README, and depends on nothing', () => {
  const made = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  assert.equal(made.name, name);
  assert.deepEqual([made.dependencies, made.peerDependencies, made.scripts], [undefined, undefined, undefined]);
  assert.deepEqual(readdirSync(installed).sort(), ['README.md', 'dist', 'package.json']);
  assert.deepEqual(readdirSync(join(project, 'node_modules')).filter((each) => !each.startsWith('.')), ['@lntpay']);
  for (const { import: module, require: common } of Object.values(made.exports).filter((each) => typeof each === 'object')) {
    for (const path of [module, common, module.replace(/js$/, 'd.ts'), common.replace(/js$/, 'd.ts')]) assert.ok(existsSync(join(installed, path)), path);
  }
});

test('the README names the size of the package, and its version is that of the API', () => {
  const named_kb = Number(/(\d+) kB packed/.exec(readme)[1]);
  const kb = statSync(tarball).size / 1_000;
  assert.ok(Math.abs(kb - named_kb) <= named_kb / 10, `${kb} kB, the README states ${named_kb}`);
  const { info } = JSON.parse(readFileSync(join(root, 'build/resources/openapi.json'), 'utf8'));
  assert.equal(version, info['x-product-version']);
});

test('ES modules use it', async () => assert.equal(await output(process.execPath, file('use.mjs', esm)), 'paid 200 the report'));
test('CommonJS uses it', async () => assert.equal(await output(process.execPath, file('use.cjs', cjs)), 'paid 200 the report'));

const bun = join(tools, `@oven/bun-${process.platform}-${process.arch}/bin/bun`);
test('Bun uses it', { skip: !existsSync(bun) && 'Bun is not installed: cmake/setup.sh test' }, async () => {
  assert.equal(await output(bun, file('bun.mjs', esm)), 'paid 200 the report');
});

const deno = join(tools, `@deno/linux-${process.arch === 'arm64' ? 'arm64' : 'x64'}-glibc/deno`);
test('Deno uses it', { skip: !existsSync(deno) && 'Deno is not installed: cmake/setup.sh test' }, async () => {
  const rights = ['--allow-env', '--allow-net', '--allow-read', '--no-prompt', '--node-modules-dir=manual', '--no-remote'];
  assert.equal(await output(deno, 'run', ...rights, file('deno.mjs', esm)), 'paid 200 the report');
});

test('a Worker sells with it, and reads its settings from its environment', async (t) => {
  const worker = `
import { LNTPay, verifyWebhook } from '@lntpay/sdk';
import { paid } from '@lntpay/sdk/fetch';
let sell;
export default {
  async fetch(request, env) {
    if (new URL(request.url).pathname === '/hook') return verifyWebhook(env.SECRET, request.headers, await request.text()).then(({ type }) => new Response(type), ({ name }) => new Response(name, { status: 400 }));
    sell ??= paid({ price: 21, lntpay: new LNTPay({ apiKey: env.LNTPAY_API_KEY, baseUrl: env.LNTPAY_BASE_URL }) })((asked) => new Response('sold ' + asked.headers.get('authorization')));
    return sell(request);
  },
};`;
  const at = join(installed, 'dist/esm');
  const modules = readdirSync(at, { recursive: true }).filter((path) => path.endsWith('.js')).map((path) => ({ type: 'ESModule', path: `sdk/${path}`, contents: readFileSync(join(at, path), 'utf8') }));
  const contents = worker.replace('@lntpay/sdk/fetch', './sdk/gate/fetch.js').replace('@lntpay/sdk', './sdk/index.js');
  const runtime = new Miniflare({
    modulesRoot: '.', modules: [{ type: 'ESModule', path: 'worker.mjs', contents }, ...modules], compatibilityDate: '2026-06-01',
    bindings: { LNTPAY_API_KEY: host.env.LNTPAY_API_KEY, LNTPAY_BASE_URL: host.env.LNTPAY_BASE_URL, SECRET: `whsec_${'A'.repeat(32)}` },
  });
  t.after(() => runtime.dispose());
  const unpaid = await runtime.dispatchFetch('http://shop.example/reports/7');
  assert.equal(unpaid.status, 402);
  const { invoice, token } = offerOf(unpaid);
  const { preimage } = (await host.api('POST', '/v1/sandbox/wallet/pay', { bolt11: invoice })).json;
  const paid = await runtime.dispatchFetch('http://shop.example/reports/7', { headers: { authorization: `L402 ${token}:${preimage}` } });
  assert.deepEqual([paid.status, await paid.text()], [200, 'sold null']);
  assert.equal(await (await runtime.dispatchFetch('http://shop.example/hook', { method: 'POST', body: '{}' })).text(), 'WebhookVerificationError');
});

test('a page in Chromium pays with it', async (t) => {
  const shop = join(project, 'shop.mjs');
  writeFileSync(shop, `
import { createServer } from 'node:http';
import { paid } from '@lntpay/sdk/express';
const sell = paid({ price: 21 });
createServer((request, response) => sell(request, response, () => (request.method === 'OPTIONS'
  ? response.writeHead(204, { 'access-control-allow-origin': '*', 'access-control-allow-headers': 'authorization' }).end()
  : response.end('the report')))).listen(Number(process.argv[2]), '127.0.0.1', () => console.log('ready'));
`);
  const port = await freePort();
  const child = execFile(process.execPath, [shop, String(port)], { cwd: project, env: settings() });
  t.after(() => child.kill());
  await new Promise((done) => child.stdout.once('data', done));
  const wallet = async (request, response) => {
    let invoice = '';
    for await (const piece of request) invoice += piece;
    response.end((await host.api('POST', '/v1/sandbox/wallet/pay', { bolt11: invoice })).json.preimage);
  };
  const pages = await listen((request, response) => {
    if (request.url === '/wallet') return wallet(request, response);
    if (request.url === '/') return response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>payer</title>');
    if (!request.url.endsWith('.js')) return response.writeHead(404).end();
    return response.writeHead(200, { 'content-type': 'text/javascript' }).end(readFileSync(join(installed, 'dist/esm', request.url)));
  });
  t.after(pages.close);
  const browser = await launch();
  t.after(() => browser.close());
  const page = await browser.newPage();
  await page.goto(pages.url);
  const seen = await page.evaluate(async (url) => {
    const { payingFetch } = await import('/index.js');
    const payer = async (invoice) => (await fetch('/wallet', { method: 'POST', body: invoice })).text();
    const buy = payingFetch({ payer, budget: { perRequestSats: 21, totalSats: 42 } });
    const answers = [await buy(url), await buy(url)];
    return [...(await Promise.all(answers.map((answer) => answer.text()))), answers[0].headers.get('payment-receipt') !== null, buy.spentMsat];
  }, `http://127.0.0.1:${port}/reports/7`);
  assert.deepEqual(seen, ['the report', 'the report', true, 42_000]);
});

const tsc = (...args) => spawnSync(process.execPath, [join(package_root, 'node_modules/typescript/bin/tsc'), ...args], { cwd: project, encoding: 'utf8' });
const strict = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess', '--target', 'es2023', '--lib', 'es2023,dom,dom.iterable'];

test('its types hold in a strict project, as ESM and CommonJS, without a skipped check', () => {
  const use = `
import { LNTPay, payingFetch, verifyWebhook, type Charge, type WebhookEvent, type Withdrawal } from '@lntpay/sdk';
const lntpay = new LNTPay({ apiKey: 'lnt_test_x', baseUrl: 'http://127.0.0.1/v1' });
export async function use(): Promise<string> {
  const charge: Charge = await lntpay.charges.create({ amount_sats: 21, metadata: { table: 4 } });
  const status: 'pending' | 'paid' | 'paid_late' | 'underpaid' | 'expired' | 'canceled' = charge.status;
  const withdrawal: Withdrawal = await lntpay.withdrawals.pay({ bolt11: 'lnbc1' });
  const event: WebhookEvent = await verifyWebhook('whsec_', {}, '');
  if (event.type === 'withdrawal.succeeded') return event.data.payment_hash + String(event.data.fee_msat);
  for await (const { id, paid_at } of lntpay.charges.list({ status: 'paid' })) if (paid_at === null) return id;
  // @ts-expect-error: no such field
  await lntpay.charges.create({ amount: 21 });
  // @ts-expect-error: no such status
  lntpay.charges.list({ status: 'bezahlt' });
  // @ts-expect-error: a withdrawal has an invoice
  await lntpay.withdrawals.create({});
  // @ts-expect-error: no budget
  payingFetch({ payer: async () => '' });
  // @ts-expect-error: no such route
  await lntpay.routes.get('/v1/nothing');
  return status + withdrawal.status + charge.bolt11;
}
`;
  const files = [file('types.mts', use), file('types.cts', use)];
  for (const options of [['--module', 'nodenext'], ['--module', 'esnext', '--moduleResolution', 'bundler']]) {
    const { status, stdout } = tsc(...strict, ...options, ...files.slice(0, options.length > 2 ? 1 : 2));
    assert.equal(status, 0, stdout);
  }
});

test("the README's snippets are type-checked with the types of Express, Fastify and Hono", () => {
  for (const each of ['express', 'fastify', 'hono']) symlinkSync(join(each === 'express' ? join(root, 'tests/node_modules') : tools, each), join(project, 'node_modules', each));
  mkdirSync(join(project, 'node_modules/@types'));
  for (const each of readdirSync(join(tools, '@types'))) symlinkSync(join(tools, '@types', each), join(project, 'node_modules/@types', each));
  const codes = snippets('ts');
  assert.ok(codes.length >= 8);
  const files = codes.map((code, i) => file(`readme-${i}.mts`, `${code}\nexport {};\n`));
  const { status, stdout } = tsc(...strict, '--module', 'nodenext', '--skipLibCheck', '--types', 'node', ...files);
  assert.equal(status, 0, stdout);
});

test('the ten lines of the README make a paid request', async () => {
  const [code] = snippets('js');
  assert.ok(code.trim().split('\n').length <= 10);
  const port = await freePort();
  assert.equal(await output(process.execPath, file('first.mjs', code.replaceAll('3000', String(port)))), 'the report');
});
