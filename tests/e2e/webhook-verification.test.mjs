// Webhooks as the server sends them, verified by published libraries, unmodified, and by the code of docs/webhooks.md, during a rotation
// of the secret as well.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { verifyWebhook } from '../../examples/webhooks/verify.mjs';
import { root, startHost, until } from './lib.mjs';

const examples = join(root, 'examples/webhooks');
const verifiers = join(root, 'tests/e2e/verifiers');
const folders = [];
let host, api, receiver, endpoint, first, second;
const received = []; // {headers, body}
const phases = {}; // the webhook of each phase of the rotation

const scratch = () => {
  folders.push(mkdtempSync(join(tmpdir(), 'lntpay-')));
  return folders.at(-1);
};

/// Triggers an event, and waits for its webhook.
async function webhook() {
  const charge = await api('POST', '/v1/sandbox/fund', { amount_sats: 21, description: 'café ☕ "quoted" \\' });
  assert.equal(charge.status, 201, charge.text);
  const isIts = ({ body }) => body.includes('"type":"charge.paid"') && body.includes(charge.json.id);
  return until('the webhook', () => received.find(isIts));
}

before(async () => {
  receiver = createServer(async (request, response) => {
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    received.push({ headers: request.headers, body: Buffer.concat(pieces).toString() });
    response.end();
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  host = await startHost();
  ({ api } = host);
  const made = await api('POST', '/v1/webhook_endpoints', { url: `http://127.0.0.1:${receiver.address().port}/hook` });
  assert.equal(made.status, 201, made.text);
  endpoint = `/v1/webhook_endpoints/${made.json.id}`;
  first = made.json.secret;
  phases.before = await webhook();

  const rotated = await api('POST', `${endpoint}/rotate_secret`, { overlap_seconds: 3_600 });
  assert.equal(rotated.status, 200, rotated.text);
  second = rotated.json.secret;
  phases.overlap = await webhook();
  const activated = await api('POST', `${endpoint}/activate_secret`, {});
  assert.equal(activated.status, 200, activated.text);
  phases.activated = await webhook();

  const former = activated.json.secrets.find(({ active }) => !active);
  const retired = await api('DELETE', `${endpoint}/secrets/${former.id}`);
  assert.equal(retired.status, 200, retired.text);
  phases.retired = await webhook();
});
after(async () => {
  await host?.stop();
  receiver.close().closeAllConnections();
  folders.forEach((folder) => rmSync(folder, { recursive: true, force: true }));
});

/// Which secrets must verify the webhook of each phase.
const rules = { before: [true, false], overlap: [true, true], activated: [true, true], retired: [false, true] };

/// Every phase under both secrets, and forgeries: {name, secret, headers, body, valid}.
function cases() {
  const all = [];
  for (const [phase, [byFirst, bySecond]] of Object.entries(rules)) {
    const { headers, body } = phases[phase];
    all.push({ name: `${phase}, first secret`, secret: first, headers, body, valid: byFirst });
    all.push({ name: `${phase}, second secret`, secret: second, headers, body, valid: bySecond });
    const secret = byFirst ? first : second;
    const forged = (name, change) => all.push({ name: `${phase}, ${name}`, secret, headers: { ...headers, ...change.headers }, body: change.body ?? body, valid: false });
    forged('changed body', { body: body.replace('"amount_sats":21', '"amount_sats":22') });
    forged('body with a space', { body: `${body} ` });
    forged('other id', { headers: { 'webhook-id': 'evt_other' } });
    forged('later time', { headers: { 'webhook-timestamp': String(Number(headers['webhook-timestamp']) + 1) } });
    forged('old time', { headers: { 'webhook-timestamp': '1700000000' } });
    forged('no signature', { headers: { 'webhook-signature': 'v1,' } });
  }
  assert.notEqual(all.find(({ name }) => name.endsWith('changed body')).body, phases.before.body);
  return all;
}

/// Compares what each check accepts with what it should.
function compare(results, names) {
  const all = cases();
  assert.equal(results.length, all.length);
  for (const [i, { name, valid }] of all.entries()) {
    for (const check of names) assert.equal(results[i][check], valid, `${check}: ${name}`);
  }
}

/// Runs a program on the cases.
function run(program, args, options = {}) {
  const input = JSON.stringify(cases().map(({ secret, headers, body }) => ({ secret, headers, body })));
  const { status, stdout, stderr } = spawnSync(program, args, { input, encoding: 'utf8', ...options });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}

const isInstalled = (program, ...args) => spawnSync(program, args).status === 0;
const unless = (installed, language) => (installed ? {} : { skip: `${language} is not installed` });

function accepts(check) {
  try {
    check();
    return true;
  } catch {
    return false;
  }
}

test('the webhooks of a rotation carry one signature for each live secret', () => {
  const count = ({ headers }) => headers['webhook-signature'].split(' ').length;
  assert.deepEqual(Object.values(phases).map(count), [1, 2, 2, 1]);
  for (const { headers, body } of Object.values(phases)) {
    assert.equal(JSON.parse(body).id, headers['webhook-id']);
    assert.equal(headers['content-type'], 'application/json');
    assert.match(headers['user-agent'], /^LNTPay-Webhooks/);
  }
});

test('the libraries of npm verify webhooks, also during a rotation', () => {
  const require = createRequire(join(root, 'tests/'));
  const libraries = { standardwebhooks: require('standardwebhooks').Webhook, svix: require('svix').Webhook };
  const results = cases().map(({ secret, headers, body }) =>
    Object.fromEntries(Object.entries(libraries).map(([name, Webhook]) => [name, accepts(() => new Webhook(secret).verify(body, headers))])),
  );
  compare(results, Object.keys(libraries));
});

test('the libraries of PyPI verify webhooks, also during a rotation', () => {
  const results = run('python3', [join(verifiers, 'libraries.py')], { env: { ...process.env, PYTHONPATH: join(root, 'build/python-tests') } });
  compare(results, ['standardwebhooks', 'svix', 'example']);
});

test("Go's libraries verify webhooks, also during a rotation", unless(isInstalled('go', 'version'), 'Go'), () => {
  const folder = scratch();
  cpSync(join(verifiers, 'go'), folder, { recursive: true });
  cpSync(join(examples, 'verify.go'), join(folder, 'verify.go'));
  compare(run('go', ['run', '-mod=readonly', '.'], { cwd: folder }), ['standardwebhooks', 'svix', 'example']);
});

test('the Rust code of the guide verifies webhooks', unless(isInstalled('cargo', '--version'), 'Rust'), () => {
  const folder = scratch();
  cpSync(join(verifiers, 'rust'), folder, { recursive: true });
  cpSync(join(examples, 'verify.rs'), join(folder, 'verify.rs'));
  compare(run('cargo', ['run', '-q', '--locked', '--offline'], { cwd: folder }), ['example']);
});

test('the PHP code of the guide verifies webhooks', unless(isInstalled('php', '--version'), 'PHP'), () => {
  compare(run('php', [join(verifiers, 'example.php')]), ['example']);
});

test('the JavaScript code of the guide verifies webhooks', () => {
  compare(
    cases().map(({ secret, headers, body }) => ({ example: accepts(() => verifyWebhook([secret], headers, Buffer.from(body))) })),
    ['example'],
  );
  const { headers, body } = phases.retired;
  assert.equal(verifyWebhook([first, second], headers, Buffer.from(body)).type, 'charge.paid');
});

test('docs/webhooks.md shows the code of examples/webhooks', () => {
  const guide = readFileSync(join(root, 'docs/webhooks.md'), 'utf8').split('\n## Verify\n')[1];
  for (const [language, file] of Object.entries({ js: 'verify.mjs', python: 'verify.py', go: 'verify.go', rust: 'verify.rs', php: 'verify.php' })) {
    const shown = new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(guide)?.[1];
    assert.equal(shown, readFileSync(join(examples, file), 'utf8'), file);
  }
});
