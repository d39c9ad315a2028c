// The reference in Chromium: on a screen and on a phone, light and dark; it loads nothing from elsewhere; "Try it" calls its own host.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { root, startHost } from './lib.mjs';
import { launch } from './lib_browser.mjs';

const require = createRequire(join(root, 'tests/'));
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const shots = join(root, 'build/screenshots');
let host, browser;

before(async () => {
  mkdirSync(shots, { recursive: true });
  host = await startHost({ args: ['--engine', 'native', '--store', 'memory'] });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await host?.stop();
});

/// The page in a fresh tab: { page, requests }. `script`: whether the page may run its own.
async function open({ width = 1280, height = 900, scheme = 'light', script = true, at = '' } = {}) {
  const page = await browser.newPage();
  page.setDefaultTimeout(20_000);
  const [requests, complaints] = [[], []];
  page.on('request', (request) => requests.push(request.url()));
  for (const kind of ['pageerror', 'requestfailed']) page.on(kind, (each) => complaints.push(`${kind} ${each.message ?? each.url()}`));
  page.on('console', (message) => complaints.push(message.text()));
  await page.setJavaScriptEnabled(script);
  await page.setViewport({ width, height });
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
  await page.goto(`${host.url}/docs${at}`);
  return { page, requests, complaints };
}

for (const width of [1280, 360]) {
  for (const scheme of ['light', 'dark']) {
    test(`at ${width} px, ${scheme}: it fits, and breaks no rule of accessibility`, async () => {
      const { page, requests, complaints } = await open({ width, scheme, at: '#createCharge' });
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0);
      await page.screenshot({ path: join(shots, `reference-${width}-${scheme}.png`) });
      assert.deepEqual(requests.filter((url) => !url.startsWith(host.url) && !url.startsWith('data:')), []);
      assert.deepEqual(complaints, []);
      // One group is enough: the others are made by the same functions.
      const found = await page.evaluate(`${axe}; axe.run({ include: [['header'], ['nav'], ['#begin'], ['#createCharge'], ['#errors']] }, { runOnly: ['wcag2a', 'wcag2aa'] })`);
      assert.deepEqual(found.violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`), []);
      await page.close();
    });
  }
}

test('without scripts everything can be read, and there is no "Try it"', async () => {
  const { page } = await open({ script: false });
  assert.equal(await page.$eval('#createCharge .try', (each) => getComputedStyle(each).display), 'none');
  assert.equal(await page.$eval('.key', (each) => getComputedStyle(each).display), 'none');
  assert.match(await page.$eval('#createCharge', (each) => each.textContent), /Create a charge.*amount_sats/s);
  await page.close();
});

/// Opens an operation's form, sends it, and returns what is shown.
async function tryIt(page, operation) {
  await page.$eval(`#${operation} .try`, (each) => (each.open = true));
  await page.$eval(`#${operation} output`, (each) => each.replaceChildren());
  await page.$eval(`#${operation} .try form`, (form) => form.requestSubmit());
  await page.waitForSelector(`#${operation} output pre`);
  return page.$eval(`#${operation} output pre`, (each) => each.textContent);
}
const setKey = (page, key) => page.$eval('.key input', (field, value) => {
  field.value = value;
  field.dispatchEvent(new Event('input'));
}, key);

test('"Try it" takes a sandbox key, never a live one, and shows the answer', async () => {
  const { page, requests } = await open();
  const before = requests.length;
  assert.match(await tryIt(page, 'getBalance'), /Paste a sandbox key/);
  await setKey(page, host.env.LNTPAY_LIVE_API_KEY);
  assert.match(await tryIt(page, 'getBalance'), /Paste a sandbox key/);
  assert.equal(requests.length, before);

  await setKey(page, host.env.LNTPAY_API_KEY);
  const made = await tryIt(page, 'createCharge');
  assert.match(made, /^201 /);
  const { id } = JSON.parse(made.slice(made.indexOf('{')));
  await page.$eval('#paySandboxCharge input', (field, value) => (field.value = value), id);
  assert.match(await tryIt(page, 'paySandboxCharge'), /"status": "paid"/);
  await page.$eval('#listCharges input[name="query:limit"]', (field) => (field.value = '1'));
  assert.match(await tryIt(page, 'listCharges'), new RegExp(id));
  assert.match(await tryIt(page, 'getBalance'), /"available_msat": 21000000/);

  await page.reload();
  assert.match(await tryIt(page, 'getBalance'), /^200 /, 'the key is kept for the tab');
  await page.close();
});
