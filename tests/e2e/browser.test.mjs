// The sandbox in a browser tab, in real headless Chromium: the demo page, clicked; its rows, after a reload, offline, and after the
// browser was killed.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { serveSite } from '../../host-adapters/browser/serve.mjs';
import { root } from './lib.mjs';
import { launch } from './lib_browser.mjs';

let server, url, browser, profile, page;
const shots = join(root, 'build/screenshots');

async function open() {
  browser = await launch({ userDataDir: profile });
  page = await browser.newPage();
  page.setDefaultTimeout(20_000);
  await visit();
}
async function visit(options) {
  await page.goto(url, options);
  await page.waitForSelector('main:not([hidden])');
}
const text = (selector) => page.$eval(selector, (element) => element.textContent.trim());
const says = (selector, wanted) => page.waitForFunction((s, w) => document.querySelector(s).textContent.includes(w), {}, selector, wanted);
/// In the page, with its key: { status, json }.
const api = (method, path, body) => page.evaluate(async (m, p, b) => {
  const { key, base_url } = await (await fetch('sandbox.json')).json();
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const answer = await fetch(base_url + p, { method: m, headers, ...(b && { body: JSON.stringify(b) }) });
  return { status: answer.status, json: await answer.json() };
}, method, path, body);

before(async () => {
  execFileSync(process.execPath, [join(root, 'host-adapters/browser/build.mjs')]);
  await mkdir(shots, { recursive: true });
  profile = await mkdtemp(join(tmpdir(), 'lntpay-browser-'));
  server = await serveSite();
  url = `http://localhost:${server.address().port}/`;
  await open();
});
after(async () => {
  await browser?.close();
  server?.close();
  await rm(profile, { recursive: true, force: true });
});

test('a newcomer clicks through: an invoice, paid; the ledger proves it; every webhook is signed', async () => {
  await page.click('#charge form button');
  await page.waitForFunction(() => document.querySelector('#charge .qr').naturalWidth > 0);
  assert.match(await text('#charge .bolt11'), /^lnbcrt210n1/);
  await page.click('#charge .pay');
  await says('#charge .status', 'paid');
  await says('#balance output', '21');
  await page.click('#balance .verify');
  await says('#balance .proof', 'Every entry and every hash is right.');
  await says('#webhooks ul', 'charge.paid');
  assert.ok(!(await text('#webhooks ul')).includes('✗'));
});

test('a price on a request: 402, paid, served', async () => {
  await page.click('#gate .ask');
  await says('#gate .said', '402 Payment Required');
  await page.click('#gate .buy');
  await says('#gate .said', '200 OK');
  await says('#balance output', '26');
});

test('money goes out, and comes back where the payee cannot be reached', async () => {
  await page.click('#withdraw form button');
  await says('#withdraw .sent', 'succeeded');
  await page.select('#withdraw select', 'fail');
  await page.click('#withdraw form button');
  await says('#withdraw .sent', 'failed');
  await page.waitForFunction(() => document.querySelector('#balance .locked').textContent === '');
  const { data } = (await api('GET', '/withdrawals')).json;
  const fee_msat = data.find(({ status }) => status === 'succeeded').fee_msat;
  const { json } = await api('GET', '/balance');
  assert.equal(json.available_msat, 26_000 - 5_000 - fee_msat);
});

test('the checkout page of a charge opens in a tab of its own, and pays there', async () => {
  const { json } = await api('POST', '/charges', { amount_sats: 9 });
  const checkout = await browser.newPage();
  await checkout.goto(json.checkout_url);
  assert.match(await checkout.$eval('h1', (h1) => h1.textContent), /^9 sats/);
  await checkout.evaluate(() => document.querySelector('form[action$="/pay"]').submit());
  await checkout.waitForFunction(() => document.querySelector('h1').textContent === 'Paid', { timeout: 20_000 });
  await checkout.close();
  assert.equal((await api('GET', `/charges/${json.id}`)).json.status, 'paid');
});

test('faults to play with: the node is down, and says so', async () => {
  await page.click('#faults input[name=node_down]');
  await new Promise((resolve) => setTimeout(resolve, 500));
  await page.click('#charge form button');
  await says('#state', 'node');
  await page.click('#faults input[name=node_down]');
  await page.evaluate(() => document.activeElement.blur());
  await says('#state', 'Running');
});

test('after a reload everything is still there, also without a network', async () => {
  const before = (await api('GET', '/balance')).json;
  await visit();
  assert.deepEqual((await api('GET', '/balance')).json, before);
  assert.ok((await text('#webhooks ul')).includes('withdrawal.succeeded'));
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await visit();
  assert.deepEqual((await api('GET', '/balance')).json, before);
  assert.equal((await api('POST', '/charges', { amount_sats: 1 })).status, 201);
  server = await serveSite({ port: Number(new URL(url).port) });
});

test('a browser that is killed in the middle of commits loses nothing that was answered', async () => {
  const { json: before } = await api('GET', '/balance');
  const answered = [];
  await page.exposeFunction('answered', (id) => answered.push(id));
  page.evaluate(async () => {
    const { key, base_url } = await (await fetch('sandbox.json')).json();
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const post = async (path, body) => (await fetch(base_url + path, { method: 'POST', headers, body: JSON.stringify(body) })).json();
    const one = async () => {
      for (;;) {
        const { id } = await post('/charges', { amount_sats: 1 });
        if ((await post(`/sandbox/charges/${id}/pay`, {})).status === 'paid') window.answered(id);
      }
    };
    await Promise.all(Array.from({ length: 8 }, one));
  }).catch(() => {});
  while (answered.length < 20) await new Promise((resolve) => setTimeout(resolve, 20));
  browser.process().kill('SIGKILL');
  await new Promise((resolve) => browser.process().once('exit', resolve));
  await open();
  for (const id of answered) assert.equal((await api('GET', `/charges/${id}`)).json.status, 'paid');
  const { json: now } = await api('GET', '/balance');
  assert.ok(now.available_msat - before.available_msat >= answered.length * 1_000);
  assert.equal((await api('GET', '/ledger/verify')).json.ok, true);
});

test('begin anew: nothing is left', async () => {
  await page.click('#faults .reset');
  await page.waitForFunction(() => document.querySelector('#balance output')?.textContent === '0', { timeout: 20_000 });
  await page.waitForSelector('main:not([hidden])');
  assert.equal((await api('GET', '/ledger')).json.data.length, 0);
});

test('it is readable in light and dark, wide and narrow', async () => {
  await page.click('#charge form button');
  await page.waitForFunction(() => document.querySelector('#charge .qr').naturalWidth > 0);
  for (const scheme of ['light', 'dark']) {
    for (const width of [1280, 360]) {
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
      await page.setViewport({ width, height: 900 });
      const wider = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
      assert.equal(wider, false, `nothing is wider than ${width}`);
      await page.screenshot({ path: join(shots, `browser-${scheme}-${width}.png`), fullPage: true });
    }
  }
});
