// The OpenAPI document for generators of clients: node clients/simplified.mjs OPENAPI_3_0_JSON [--ranges] > FILE. It has the operations of
// API keys that answer with JSON; one type for all errors and one for all events; and names in answers are texts, so that a client accepts
// those that a later version adds. With --ranges all kinds of success are one, 2XX, for generators that know one type of answer, and filters
// of the form metadata[name] are left out, which the same generators do not know.
import { readFileSync } from 'node:fs';

const ranges = process.argv[3] === '--ranges';
const document = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const json = 'application/json';
const reference = (name) => ({ $ref: `#/components/schemas/${name}` });

const text = { type: 'string' };
const event = {
  type: 'object',
  description: 'Something that happened. `data` is the object that it happened to.',
  properties: {
    ...Object.fromEntries(['id', 'object', 'type', 'api_version', 'environment', 'workspace_id'].map((name) => [name, text])),
    seq: { type: 'integer', format: 'int64' },
    timestamp: { type: 'string', format: 'date-time' },
    data: { type: 'object' },
  },
  required: ['id', 'object', 'type', 'api_version', 'environment', 'workspace_id', 'seq', 'timestamp', 'data'],
};
const fault = {
  type: 'object',
  properties: { code: text, message: text, request_id: text, param: text, details: { type: 'object' } },
  required: ['code', 'message', 'request_id'],
};
const error = { type: 'object', properties: { error: reference('ErrorDetail') }, required: ['error'] };

const kept_formats = ['date-time', 'int64'];

/** A schema as a type: without what only a validator needs. */
function plain(schema) {
  const { type, format, description, nullable, $ref, properties, items, required, oneOf, allOf } = schema;
  const kept = { type, description, nullable, $ref, required };
  if (kept_formats.includes(format)) kept.format = format;
  if (items) kept.items = plain(items);
  if (properties) kept.properties = Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, plain(each)]));
  if (oneOf) kept.oneOf = oneOf.map(plain);
  if (allOf?.every((each) => each.$ref)) kept.allOf = allOf;  // a reference that may be null; others are rules between members
  return kept;
}

function operation({ operationId, summary, description, parameters = [], requestBody, responses }) {
  const success = Object.entries(responses).filter(([status]) => status.startsWith('2'));
  if (!success.every(([, response]) => response.content?.[json])) return undefined;
  const kept = parameters.filter(({ $ref, ...each }) => each.in === 'path' || (each.in === 'query' && !(ranges && each.style === 'deepObject')) || $ref?.includes('IdempotencyKey'));
  const body = requestBody && { ...requestBody, content: { [json]: { schema: plain(requestBody.content[json].schema) } } };
  return {
    operationId,
    summary,
    description,
    parameters: kept.map(({ example, ...each }) => (each.schema ? { ...each, schema: plain(each.schema) } : each)),
    ...(body && { requestBody: body }),
    responses: {
      ...Object.fromEntries(success.map(([status, { description: about, content }]) =>
        [ranges ? '2XX' : status, { description: about, content: { [json]: { schema: plain(content[json].schema) } } }])),
      default: { description: 'The request was refused.', content: { [json]: { schema: reference('Error') } } },
    },
  };
}

const paths = {};
for (const [path, methods] of Object.entries(document.paths)) {
  for (const [method, each] of Object.entries(methods)) {
    if (!path.startsWith('/v1/') || !each.security?.some((scheme) => 'apiKey' in scheme)) continue;
    const made = operation(each);
    if (made) (paths[path.slice('/v1'.length)] ??= {})[method] = made;
  }
}
const schemas = Object.fromEntries(Object.entries(document.components.schemas)
  .filter(([name]) => !/Event$/.test(name) && name !== 'Problem')
  .map(([name, schema]) => [name, plain(schema)]));
const parameters = Object.fromEntries(Object.entries(document.components.parameters)
  .filter(([name]) => name.includes('IdempotencyKey'))
  .map(([name, each]) => [name, { ...each, schema: text }]));
const { title, version, license } = document.info;

process.stdout.write(`${JSON.stringify({
  openapi: '3.0.3',
  info: { title, version, license },
  paths,
  components: { schemas: { ...schemas, Event: event, Error: error, ErrorDetail: fault }, parameters },
}, null, 1)}\n`);
