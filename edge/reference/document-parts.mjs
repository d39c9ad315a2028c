// Reading the document: references, fields, the operations with what they inherit, an example request as curl.

/** What a reference refers to; anything else as it is. */
export function resolve(document, node) {
  if (!node?.$ref) return node;
  return node.$ref.slice(2).split('/').reduce((at, name) => at[name.replace(/~1/g, '/')], document);
}

/** All operations in the order of the document, parameters resolved: {method, path, …}. */
export function operationsOf(document) {
  return Object.entries(document.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({
    method: method.toUpperCase(),
    path,
    ...operation,
    parameters: (operation.parameters ?? []).map((each) => resolve(document, each)),
  })));
}

/** The members of an object. */
export function fieldsOf(document, schema) {
  const { properties = {}, required = [] } = resolve(document, schema);
  return Object.entries(properties).map(([name, field]) => ({ name, field, required: required.includes(name) }));
}

const name_of = (ref) => ref.split('/').at(-1);

/** A type in words, and the object that it refers to: {text, ref?}. */
export function textOfType(document, schema) {
  if (schema.$ref) return { text: name_of(schema.$ref), ref: name_of(schema.$ref) };
  if (schema.oneOf) {
    const [one, ...more] = schema.oneOf.filter(({ type }) => type !== 'null');
    return more.length ? { text: 'one of several' } : { ...textOfType(document, one), text: `${textOfType(document, one).text} or null` };
  }
  const types = [schema.type].flat();
  const or_null = types.includes('null') ? ' or null' : '';
  const type = types.find((each) => each !== 'null');
  if (type === 'array') {
    const { text, ref } = textOfType(document, schema.items ?? {});
    return { text: `list of ${text}${or_null}`, ref };
  }
  if (schema.const !== undefined) return { text: JSON.stringify(schema.const) };
  if (schema.enum) return { text: schema.enum.filter((each) => each !== null).map((each) => JSON.stringify(each)).join(', ') + or_null };
  const is_narrow = schema.minimum !== undefined && schema.maximum <= 100_000_000;  // not the largest amount that there is
  const range = is_narrow ? ` ${schema.minimum} to ${schema.maximum}` : '';
  const kind = { 'date-time': 'time', uri: 'URL' }[schema.format] ?? type ?? 'any';
  return { text: `${kind}${range}${or_null}` };
}

/** The request of the example as a command. */
export function curlOf({ method, path, parameters, security, requestBody }) {
  const filled = path.replace(/\{(\w+)\}/g, (_, name) => parameters.find((each) => each.name === name && each.in === 'path')?.example ?? `{${name}}`);
  const query = parameters.filter((each) => each.in === 'query' && (each.example !== undefined || each.required))
    .map(({ name, example }) => `${name}=${encodeURIComponent(example ?? '')}`).join('&');
  const target = filled.replace(/^\/v1/, '') + (query && `?${query}`);
  const base = path.startsWith('/v1') ? '$LNTPAY_BASE_URL' : '${LNTPAY_BASE_URL%/v1}';
  const lines = [`curl ${method === 'GET' ? '' : `-X ${method} `}"${base}${target}"`];
  if (security.some(({ apiKey }) => apiKey)) lines.push('-H "Authorization: Bearer $LNTPAY_API_KEY"');
  if (security.some(({ operatorToken }) => operatorToken)) lines.push('-H "Authorization: Bearer $OPERATOR_TOKEN"');
  if (parameters.some(({ name }) => name === 'Idempotency-Key')) lines.push('-H "Idempotency-Key: $(uuidgen)"');
  if (parameters.some(({ name }) => name === 'X-Original-Uri')) lines.push('-H "X-Original-Method: GET"', '-H "X-Original-URI: /reports/7"');
  const content = requestBody?.content['application/json'];
  if (content) {
    lines.push('-H "Content-Type: application/json"');
    if (content.example) lines.push(`-d '${JSON.stringify(content.example)}'`);
  }
  return lines.join(' \\\n  ');
}
