// The reference: one static page from the document. It works without script, but for "Try it" (page/reference.js).
import { curlOf, fieldsOf, operationsOf, resolve, textOfType } from './document-parts.mjs';

const escapes = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const html = (text) => String(text).replace(/[&<>"]/g, (each) => escapes[each]);
const words = (text) => html(text).replace(/\x60([^\x60]+)\x60/g, '<code>$1</code>');
const anchor = (name) => name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
const json = (value) => html(JSON.stringify(value, null, 2));

/** Paragraphs and lists of a description. */
function prose(text = '') {
  return text.split('\n\n').map((part) => (/^- /m.test(part)
    ? `<ul>${part.split('\n').filter((line) => line.startsWith('- ')).map((line) => `<li>${words(line.slice(2))}</li>`).join('')}</ul>`
    : `<p>${words(part)}</p>`)).join('');
}

/** Of a request: which members are required; of a response: which it has sometimes. */
const marks = { request: (required) => (required ? ' <b class="must">required</b>' : ''), response: (required) => (required ? '' : ' <i class="type">sometimes</i>') };

function fieldList(document, schema, of) {
  const rows = fieldsOf(document, schema).map(({ name, field, required }) => {
    const { text, ref } = textOfType(document, field);
    const said = of === 'request' ? text.replace(/ or null$/, '') : text;
    const type = ref ? `<a href="#object-${anchor(ref)}">${html(said)}</a>` : html(said);
    const inner = ref ? undefined : resolve(document, field.items ?? field);
    const nested = inner?.properties && !ref ? `<details><summary>Its members</summary>${fieldList(document, inner, of)}</details>` : '';
    return `<div><dt><code>${html(name)}</code> <span class="type">${type}</span>${marks[of](required)}</dt>`
      + `<dd>${words(field.description?.split('\n')[0] ?? '')}${nested}</dd></div>`;
  });
  return rows.length ? `<dl class="fields">${rows.join('')}</dl>` : '';
}

function parameterList(document, operation) {
  const rows = operation.parameters.map(({ name, in: place, description, required, schema }) =>
    `<div><dt><code>${html(name)}</code> <span class="type">${place}, ${html(textOfType(document, schema).text)}</span>`
    + `${required ? ' <b class="must">required</b>' : ''}</dt><dd>${words(description ?? '')}</dd></div>`);
  return rows.length ? `<h4>Parameters</h4><dl class="fields">${rows.join('')}</dl>` : '';
}

function bodyOf(document, { requestBody }) {
  const schema = requestBody?.content['application/json'].schema;
  return schema ? `<h4>Body</h4>${fieldList(document, schema, 'request')}` : '';
}

function responseList(document, { responses }) {
  const rows = Object.entries(responses).map(([status, response]) => {
    const { description, content = {} } = resolve(document, response);
    const schema = content['application/json']?.schema;
    const { text, ref } = schema && status < 400 ? textOfType(document, schema) : {};
    const object = ref ? ` <a href="#object-${anchor(ref)}">${html(text)}</a>` : '';
    return `<div><dt class="status s${status[0]}">${status}</dt><dd>${prose(description)}${object}</dd></div>`;
  });
  const [good, bad] = [rows.filter((_, i) => Object.keys(responses)[i] < '4'), rows.filter((_, i) => Object.keys(responses)[i] >= '4')];
  return `<h4>Responses</h4><dl class="responses">${good.join('')}</dl>`
    + `<details><summary>Errors: ${Object.keys(responses).filter((status) => status >= '4').join(', ')}</summary><dl class="responses">${bad.join('')}</dl></details>`;
}

function exampleOf(document, operation) {
  const curl = `<figure><figcaption>Request</figcaption><pre>${html(curlOf(operation))}</pre></figure>`;
  const found = Object.entries(operation.responses).map(([status, response]) => [status, resolve(document, response)])
    .find(([, { content }]) => content?.['application/json']?.example ?? content?.['application/problem+json']?.example);
  if (!found) return curl;
  const [status, { content }] = found;
  const { example } = content['application/json']?.example ? content['application/json'] : content['application/problem+json'];
  return `${curl}<figure><figcaption>Response <span class="status s${status[0]}">${status}</span></figcaption><pre class="long" tabindex="0">${json(example)}</pre></figure>`;
}

function tryIt(operation) {
  if (!operation.path.startsWith('/v1/') || !operation.security.some(({ apiKey }) => apiKey)) return '';
  const id = operation.operationId;
  const fields = operation.parameters.filter(({ in: place }) => place !== 'header').map(({ name, in: place, example, required }) =>
    `<label>${html(name)}<input name="${place}:${html(name)}"${place === 'path' && example ? ` placeholder="${html(example)}"` : ''}${required ? ' required' : ''} autocomplete="off" spellcheck="false"></label>`);
  const content = operation.requestBody?.content['application/json'];
  const body = content ? `<label>Body<textarea name="body" rows="6" spellcheck="false">${content.example ? json(content.example) : '{}'}</textarea></label>` : '';
  return `<details class="try"><summary>Try it</summary><form data-method="${operation.method}" data-path="${html(operation.path)}" aria-label="Try ${html(id)}">`
    + `${fields.join('')}${body}<button>Send</button></form><output></output></details>`;
}

function operationSection(document, operation) {
  const { method, path, summary, description, operationId } = operation;
  return `<section class="operation" id="${operationId}" data-operation="${method} ${html(path)}"><div class="about"><h3><a href="#${operationId}">${words(summary)}</a></h3>`
    + `<p class="route"><b class="method ${method.toLowerCase()}">${method}</b> <code>${html(path).replace(/\//g, '/<wbr>')}</code></p>${prose(description)}`
    + `${parameterList(document, operation)}${bodyOf(document, operation)}${responseList(document, operation)}${tryIt(operation)}</div>`
    + `<div class="shown">${exampleOf(document, operation)}</div></section>`;
}

function groups(document) {
  const all = operationsOf(document);
  return document.tags.map(({ name, description }) => ({ name, description, operations: all.filter(({ tags }) => tags.includes(name)) }))
    .filter(({ operations }) => operations.length);
}

function navigation(document) {
  const listed = groups(document).map(({ name, operations }) => `<li><a href="#${anchor(name)}">${html(name)}</a><ul>${operations
    .map(({ operationId, summary }) => `<li><a href="#${operationId}">${words(summary)}</a></li>`).join('')}</ul></li>`).join('');
  return `<ul><li><a href="#begin">Begin</a></li>${listed}<li><a href="#events-sent">Webhook events</a></li><li><a href="#errors">Errors</a></li><li><a href="#objects">Objects</a></li></ul>`;
}

function webhookSections(document) {
  return Object.entries(document.webhooks).map(([name, { post }]) => `<section class="operation" id="event-${anchor(name)}" data-event="${html(name)}">`
    + `<div class="about"><h3><code>${html(name)}</code></h3><p>${words(post.summary)}</p>${prose(post.description)}</div>`
    + `<div class="shown"><figure><figcaption>Body</figcaption><pre class="long" tabindex="0">${json(post.requestBody.content['application/json'].example)}</pre></figure></div></section>`).join('');
}

function errorTable(document) {
  const { description } = document.components.schemas.Error.properties.error.properties.code;
  const rows = [...description.matchAll(/^- \x60(\w+)\x60 \((\d+)\): (.*)$/gm)].map(([, code, status, sentence]) =>
    `<tr id="error-${code}"><td><code>${code}</code></td><td>${status}</td><td>${words(sentence)}</td></tr>`);
  return `<div class="wide"><table><thead><tr><th>Code</th><th>Status</th><th>What happened, and what to do</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

function objectSections(document) {
  const events = new Set(document.components.schemas.Event.oneOf.map(({ $ref }) => $ref.split('/').at(-1)));  // under "Webhook events"
  return Object.entries(document.components.schemas).filter(([name]) => !events.has(name)).map(([name, schema]) =>
    `<section id="object-${anchor(name)}"><h3>${html(name)}</h3>${fieldList(document, schema, 'response')}</section>`).join('');
}

/** @param {object} document OpenAPI 3.1 */
export function pageOf(document) {
  const { title, version, description } = document.info;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark">
<title>${html(title)} API reference</title><meta name="description" content="${html(document.info.summary)}"><link rel="icon" href="data:,"><link rel="stylesheet" href="docs/reference.css"><script src="docs/reference.js" defer></script></head>
<body><a class="skip" href="#begin">Skip to the content</a>
<header><a class="name" href="#begin">${html(title)} <small>API ${html(version)}</small></a><form class="key" hidden><label>Sandbox key <input type="password" placeholder="lnt_test_…" autocomplete="off" spellcheck="false"></label><span role="status"></span></form></header>
<nav aria-label="Contents"><details open><summary>Contents</summary>${navigation(document)}</details></nav>
<main><section id="begin"><h1>API reference</h1>${prose(description)}
<p>Machines read <a href="openapi.json">openapi.json</a> (3.1) or <a href="openapi-3.0.json">openapi-3.0.json</a>; coding agents <a href="llms.txt">llms.txt</a> and <a href="llms-full.txt">llms-full.txt</a>.</p>
<h2>Authentication</h2><p>Send <code>Authorization: Bearer lnt_test_…</code> with every request. Each key has scopes; each operation names those that it needs. The operator's own routes take the operator's token.</p></section>
${groups(document).map(({ name, description: about, operations }) => `<section class="group" id="${anchor(name)}"><h2>${html(name)}</h2><p>${words(about)}</p></section>${operations.map((each) => operationSection(document, each)).join('')}`).join('')}
<section class="group" id="events-sent"><h2>Webhook events</h2><p>What is posted to your endpoints. Verify <code>webhook-signature</code> before anything else.</p></section>${webhookSections(document)}
<section class="group" id="errors"><h2>Errors</h2><p>Every error response is <code>{"error":{"code","message","request_id","param"?,"details"?}}</code>.</p>${errorTable(document)}</section>
<section class="group" id="objects"><h2>Objects</h2></section>${objectSections(document)}</main></body></html>
`;
}
