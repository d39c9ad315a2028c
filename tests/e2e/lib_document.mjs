// Checks answers of the API against the OpenAPI document: status, content type, headers and body of the operation. Not a suite.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { operationsOf, resolve } from '../../edge/reference/document-parts.mjs';

const path = fileURLToPath(new URL('../../build/resources/openapi.json', import.meta.url));
export const document = JSON.parse(readFileSync(path, 'utf8'));

const require = createRequire(new URL('../', import.meta.url));
const Ajv = require('ajv/dist/2020').default;
const addFormats = require('ajv-formats').default;
const ajv = addFormats(new Ajv({ strict: false, allErrors: true, discriminator: false }));
ajv.addSchema({ $id: 'https://document/', components: document.components });

/** Schemas whose references are the document's, compiled at their first use. */
const validators = new Map();
function validatorOf(schema) {
  if (!validators.has(schema)) {
    const whole = JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"https://document/#/components/'));
    validators.set(schema, ajv.compile(whole));
  }
  return validators.get(schema);
}

/** Literal segments before {…}: /v1/api_keys/current is not /v1/api_keys/{key}. */
const patterns = operationsOf(document).map((operation) => ({
  operation,
  matches: new RegExp(`^${operation.path.replace(/[.]/g, '\\.').replace(/\{\w+\}/g, '[^/]+')}$`),
})).sort((a, b) => a.operation.path.split('{').length - b.operation.path.split('{').length);

/** The operation of a request; undefined: the API has none. */
export function operationOf(method, target) {
  const asked = target.split('?')[0];
  const wanted = method === 'HEAD' ? 'GET' : method;
  return patterns.find(({ operation, matches }) => operation.method === wanted && matches.test(asked))?.operation;
}

/** What no operation names, because it is the same for all. */
const of_every_path = ['405'];

/**
 * What the document does not allow; empty: nothing.
 * @param {{ method: string, target: string, status: number, header: (name: string) => string | undefined, text: string }} answer
 */
export function deviation({ method, target, status, header, text }) {
  const operation = operationOf(method, target);
  if (!operation || method === 'HEAD') return '';
  const described = resolve(document, operation.responses[status]);
  if (!described) return of_every_path.includes(String(status)) ? '' : `${status} is not described`;
  for (const [name, each] of Object.entries(described.headers ?? {})) {
    const { required, schema } = resolve(document, each);
    const value = header(name.toLowerCase());
    if (required && value === undefined) return `there is no header ${name}`;
    if (value !== undefined && schema.type === 'string' && !validatorOf(schema)(value)) return `the header ${name} is ${value}`;
  }
  if (!described.content) return text === '' ? '' : 'the body is not empty';
  const type = header('content-type');
  if (status === 500 && type?.startsWith('text/html')) return '';  // `wasmtime serve` itself, where a component trapped
  const media = described.content[type] ?? described.content[type?.split(';')[0]];
  if (!media) return `the content type ${type} is not described`;
  if (!/[/+]json$/.test(type.split(';')[0])) return '';
  const validate = validatorOf(media.schema);
  return validate(JSON.parse(text)) ? '' : ajv.errorsText(validate.errors.slice(0, 5));
}

/** Throws where the document does not allow the answer. */
export function check(answer) {
  const wrong = deviation(answer);
  if (wrong) throw new Error(`${answer.method} ${answer.target} is not allowed by openapi.json: ${wrong}: ${answer.status} ${answer.text.slice(0, 2_000)}`);
}
