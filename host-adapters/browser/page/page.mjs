// The demo page: one card for each feature of the sandbox. It uses only the public API, with the workspace's test key.

const $ = (selector, within = document) => within.querySelector(selector);
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const sats = (msat) => (msat / 1_000).toLocaleString('en', { maximumFractionDigits: 3 });

const signed = (msat) => (msat > 0 ? '+' : '') + sats(msat);

const faults = {
  node_down: 'The Lightning node is down',
  webhooks_down: 'Your server does not respond to webhooks',
  sends_lost: 'Payment requests to the node get lost',
  lookups_down: 'The node does not report the state of payments',
  settles_short: 'Only half of each payment arrives',
};

let sandbox;

async function start() {
  if (!('serviceWorker' in navigator) || !('indexedDB' in window)) throw new Error('This page needs service workers and IndexedDB, and this browser offers none here. Open it over HTTPS or on localhost, in a current browser and not in a private window.');
  await navigator.serviceWorker.register('service-worker.mjs', { type: 'module', updateViaCache: 'none' });
  const { active } = await navigator.serviceWorker.ready;
  const controlled = new Promise((resolve) => navigator.serviceWorker.addEventListener('controllerchange', resolve, { once: true }));
  if (!navigator.serviceWorker.controller) {
    active.postMessage('claim');
    await controlled;
  }
  const answer = await fetch('sandbox.json');
  sandbox = await answer.json();
  if (!answer.ok) throw new Error(sandbox.error.message);
}

/** Calls the API with the workspace's test key. Throws an Error with the message of the error object. */
async function api(method, path, body, headers = {}) {
  const init = { method, headers: { authorization: `Bearer ${sandbox.key}`, ...headers } };
  if (body) Object.assign(init, { body: JSON.stringify(body), headers: { ...init.headers, 'content-type': 'application/json' } });
  const answer = await fetch(sandbox.base_url + path, init);
  const json = await answer.json();
  if (!answer.ok) throw new Error(json.error.message);
  return json;
}
const newKey = () => ({ 'idempotency-key': crypto.randomUUID() });

function showState(text, style = '') {
  const state = $('#state');
  state.textContent = text;
  state.className = style;
}

/** Handles an event. An error is shown in its card until the card's next action. */
const on = (element, event, action) => element.addEventListener(event, async (occasion) => {
  occasion.preventDefault();
  const card = element.closest('section');
  const alert = $('[role=alert]', card);
  alert.textContent = '';
  try {
    await action(occasion);
    await refresh();
  } catch (error) {
    alert.textContent = error.message;
  }
});
for (const card of document.querySelectorAll('section')) {
  card.append(Object.assign(document.createElement('p'), { className: 'bad', role: 'alert' }));
}

function chargeCard() {
  const card = $('#charge'), shown = $('.shown', card), status = $('.status', card);
  let charge;
  const show = (next) => {
    charge = next;
    const is_open = charge.status === 'pending';
    $('.bolt11', card).textContent = charge.bolt11;
    status.textContent = charge.status;
    status.className = `status ${charge.status === 'paid' ? 'good' : is_open ? '' : 'bad'}`;
    for (const button of card.querySelectorAll('.shown button')) button.hidden = !is_open;
    $('.qr', card).hidden = !is_open;
    shown.hidden = false;
  };
  on($('form', card), 'submit', async ({ target }) => {
    show(await api('POST', '/charges', { amount_sats: Number(target.amount_sats.value), description: 'from the demo page' }, newKey()));
    $('.qr', card).src = `${charge.checkout_url}/qr.svg`;
    $('.checkout', card).href = charge.checkout_url;
  });
  on($('.pay', card), 'click', async () => show(await api('POST', `/sandbox/charges/${charge.id}/pay`, {})));
  on($('.expire', card), 'click', async () => show(await api('POST', `/sandbox/charges/${charge.id}/expire`, {})));
  return async () => {
    if (charge?.status === 'pending') show(await api('GET', `/charges/${charge.id}`));
  };
}

function balanceCard() {
  const card = $('#balance');
  on($('.verify', card), 'click', async () => {
    let verified = await api('GET', '/ledger/verify');
    while (verified.ok && !verified.complete) verified = await api('GET', `/ledger/verify?resume=${verified.resume}`);
    const { ok, ...rest } = verified;
    const proof = $('.proof', card);
    proof.textContent = ok ? 'Every entry and every hash is correct.' : `The ledger is not correct. Reset the sandbox and report this: ${JSON.stringify(rest)}`;
    proof.className = `proof ${ok ? 'good' : 'bad'}`;
  });
  return async () => {
    const [balance, { data }] = [await api('GET', '/balance'), await api('GET', '/ledger?limit=20')];
    $('output', card).textContent = sats(balance.available_msat);
    $('.locked', card).textContent = balance.locked_msat > 0 ? `and ${sats(balance.locked_msat)} locked for withdrawals in progress` : '';
    $('tbody', card).replaceChildren(...data.map((entry) => {
      const row = document.createElement('tr');
      const cells = [entry.seq, entry.type, signed(entry.available_change_msat), entry.hash.slice(0, 10)];
      row.append(...cells.map((text, i) => Object.assign(document.createElement('td'), { textContent: text, className: i === 2 ? 'number' : '' })));
      return row;
    }));
  };
}

function gateCard() {
  const card = $('#gate'), output = $('.said', card), buy = $('.buy', card);
  let offer;
  const ask = async (headers = {}) => {
    const answer = await fetch(new URL('reports/tides', location.href), { headers });
    const json = await answer.json();
    const paid = answer.status === 200;
    if (!paid && answer.status !== 402) throw new Error(`${answer.status}: ${json.error?.message ?? json.detail}`);
    output.textContent = `${answer.status} ${paid ? 'OK' : json.title}\n${paid ? json.said : `${json.price_sats} sats: ${json.invoice.slice(0, 40)}…`}`;
    output.hidden = false;
    buy.hidden = paid;
    offer = paid ? undefined : { token: /token="([^"]+)"/.exec(answer.headers.get('www-authenticate'))[1], invoice: json.invoice };
  };
  on($('.ask', card), 'click', () => ask());
  on(buy, 'click', async () => {
    const { preimage } = await api('POST', '/sandbox/wallet/pay', { bolt11: offer.invoice });
    await ask({ authorization: `L402 ${offer.token}:${preimage}` });
  });
}

function withdrawCard() {
  const card = $('#withdraw');
  on($('form', card), 'submit', async ({ target }) => {
    const { bolt11 } = await api('POST', '/sandbox/invoices', { amount_sats: Number(target.amount_sats.value), behavior: target.behavior.value });
    await api('POST', '/withdrawals', { bolt11 }, newKey());
  });
  return async () => {
    const { data } = await api('GET', '/withdrawals?limit=10');
    $('.sent', card).replaceChildren(...data.map(({ amount_msat, status, reason }) => {
      const item = document.createElement('li');
      const how = Object.assign(document.createElement('span'), { textContent: status, className: { succeeded: 'good', failed: 'bad' }[status] ?? '' });
      item.append(`${sats(amount_msat)} sats: `, how, reason ? ` (${reason})` : '');
      return item;
    }));
  };
}

/** Verifies Standard Webhooks: the secret is base64 after `whsec_`, and one of the signatures must match. */
async function isSigned({ headers, body }) {
  const secret = Uint8Array.from(atob(sandbox.webhook_secret.replace('whsec_', '')), (c) => c.charCodeAt(0));
  const key = await crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  const mac = await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(signed));
  return headers['webhook-signature'].split(' ').includes(`v1,${btoa(String.fromCharCode(...new Uint8Array(mac)))}`);
}

async function webhooksCard() {
  const list = $('#webhooks ul');
  const item = async (webhook) => {
    const { type } = JSON.parse(webhook.body);
    const signed = await isSigned(webhook);
    const one = document.createElement('li'), details = document.createElement('details'), summary = document.createElement('summary');
    const proof = Object.assign(document.createElement('span'), { textContent: signed ? 'signature ✓' : 'signature ✗', className: signed ? 'good' : 'bad' });
    summary.append(`${new Date(webhook.at).toLocaleTimeString('en-GB')} ${type} `, proof);
    const heads = Object.entries(webhook.headers).map(([name, value]) => `${name}: ${value}`).join('\n');
    const text = `POST ${webhook.url}\n${heads}\n\n${JSON.stringify(JSON.parse(webhook.body), null, 2)}`;
    details.append(summary, Object.assign(document.createElement('pre'), { textContent: text }));
    one.append(details);
    return one;
  };
  const shown = new Set();  // a webhook that arrives while the list is read is in both
  const show = async (webhook, where) => {
    const id = `${webhook.headers['webhook-id']} ${webhook.at}`;
    if (shown.has(id)) return;
    shown.add(id);
    list[where](await item(webhook));
  };
  new BroadcastChannel(`lntpay ${new URL('./', location.href).pathname}`).addEventListener('message', async ({ data }) => {
    if (data.webhook) await show(data.webhook, 'prepend');
    if (data.log) console.warn(data.log);
  });
  for (const webhook of (await (await fetch('sandbox.json')).json()).webhooks) await show(webhook, 'append');
}

function faultsCard() {
  const card = $('#faults'), group = $('fieldset', card);
  for (const [name, text] of Object.entries(faults)) {
    const label = document.createElement('label');
    label.append(Object.assign(document.createElement('input'), { type: 'checkbox', name }), text);
    group.append(label);
  }
  on(group, 'change', () => api('POST', '/sandbox/faults', { faults: [...group.querySelectorAll(':checked')].map(({ name }) => name) }));
  const later = (ms) => () => api('POST', '/sandbox/clock/advance', { ms });
  on($('.minutes', card), 'click', later(600_000));
  on($('.day', card), 'click', later(86_400_000));
  on($('.reset', card), 'click', async () => {
    await fetch('sandbox.json', { method: 'DELETE' });
    location.reload();
  });
  return async () => {
    const { faults: now, now: at } = await api('GET', '/sandbox');
    for (const box of group.querySelectorAll('input')) if (document.activeElement !== box) box.checked = now.includes(box.name);
    $('.clock', card).textContent = at ? `Sandbox time: ${new Date(at).toLocaleString('en-GB')}` : '';
  };
}

let refreshers = [];
async function refresh() {
  for (const each of refreshers) await each?.();
  showState('Running. All data stays in this browser.');
}

try {
  await start();
  refreshers = [chargeCard(), balanceCard(), gateCard(), withdrawCard(), faultsCard()];
  await webhooksCard();
  $('#snippet').textContent = `await (await fetch('${sandbox.base_url}/charges', {
  method: 'POST',
  headers: { authorization: 'Bearer ${sandbox.key}', 'content-type': 'application/json' },
  body: JSON.stringify({ amount_sats: 21 }),
})).json()`;
  await refresh();
  $('main').hidden = $('footer').hidden = false;
  // The requests also keep the service worker running, and with it its due work.
  for (;;) {
    await sleep(2_000);
    if (!document.hidden) await refresh().catch((error) => showState(`Cannot refresh: ${error.message} Reload the page.`, 'bad'));
  }
} catch (error) {
  showState(`Cannot start: ${error.message}`, 'bad');
}
