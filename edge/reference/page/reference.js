// "Try it": sends a request of the page to the host that served it, with the sandbox key that the reader pasted (kept for this tab), or in
// the browser sandbox with its own.
(() => {
  const base = location.pathname.replace(/\/docs(\.html)?\/?$/, '');
  const key_form = document.querySelector('.key');
  const key_field = key_form.querySelector('input');
  const said = key_form.querySelector('[role=status]');
  document.body.classList.add('scripted');
  key_form.hidden = false;
  if (matchMedia('(max-width: 59.99rem)').matches) document.querySelector('nav details').open = false;

  const is_test_key = () => /^lnt_test_[0-9A-Za-z]{38}$/.test(key_field.value);
  function note() {
    if (is_test_key()) sessionStorage.setItem('lntpay sandbox key', key_field.value);
    said.textContent = key_field.value === '' ? '' : is_test_key() ? 'ready' : 'not a sandbox key';
  }
  key_form.addEventListener('submit', (event) => event.preventDefault());
  key_field.addEventListener('input', note);
  key_field.value = sessionStorage.getItem('lntpay sandbox key') ?? '';
  note();
  if (document.body.dataset.sandbox !== undefined) {
    fetch(`${base}/sandbox.json`).then((response) => response.json()).then(({ key }) => {
      key_field.value = key;
      note();
    });
  }

  /** The request that a form describes. */
  function requestOf(form) {
    const query = new URLSearchParams();
    let path = form.dataset.path;
    for (const { name, value } of form.querySelectorAll('input')) {
      const [place, field] = name.split(/:(.*)/);
      if (place === 'path') path = path.replace(`{${field}}`, encodeURIComponent(value));
      else if (value !== '') query.set(field, value);
    }
    const headers = { authorization: `Bearer ${key_field.value}` };
    const init = { method: form.dataset.method, headers, cache: 'no-store' };
    if (init.method === 'POST') headers['idempotency-key'] = crypto.randomUUID?.() ?? String(Math.random()).slice(2);
    const body = form.querySelector('textarea');
    if (body) Object.assign(init, { body: body.value, headers: { ...headers, 'content-type': 'application/json' } });
    return [`${base}${path}${query.size ? `?${query}` : ''}`, init];
  }

  const pretty = (text) => {
    try {
      return JSON.stringify(JSON.parse(text), null, 2);
    } catch {
      return text;
    }
  };

  function show(output, text) {
    const shown = document.createElement('pre');
    shown.textContent = text;
    output.replaceChildren(shown);
  }

  async function send(form) {
    const output = form.parentElement.querySelector('output');
    const button = form.querySelector('button');
    if (!is_test_key()) {
      show(output, 'Paste a sandbox key (lnt_test_…) at the top of the page first. `lntpay serve --sandbox` prints one.');
      key_field.focus();
      return;
    }
    button.disabled = true;
    try {
      const response = await fetch(...requestOf(form));
      const head = ['request-id', 'ratelimit', 'retry-after'].filter((name) => response.headers.has(name));
      show(output, [`${response.status} ${response.statusText}`, ...head.map((name) => `${name}: ${response.headers.get(name)}`), '', pretty(await response.text())].join('\n'));
    } catch (error) {
      show(output, `No response: ${error.message}`);
    }
    button.disabled = false;
  }
  for (const form of document.querySelectorAll('.try form')) {
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      send(form);
    });
  }
})();
