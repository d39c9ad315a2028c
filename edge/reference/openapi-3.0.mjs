// The document as OpenAPI 3.0, for generators that do not read 3.1: the same paths and schemas in the older keywords. `webhooks`, which 3.0
// does not have, become x-webhooks.

/** A schema of JSON Schema 2020-12 in the keywords of OpenAPI 3.0. */
function schemaOf(schema) {
  if (typeof schema !== 'object' || schema === null) return schema;
  const { type, const: fixed, oneOf, properties, items, allOf, not, propertyNames, additionalProperties, ...rest } = schema;
  const made = { ...rest };
  if (Array.isArray(type)) {
    const [one] = type.filter((each) => each !== 'null');
    made.type = one;
    if (type.includes('null')) made.nullable = true;
  } else if (type !== undefined && type !== 'null') {
    made.type = type;
  } else if (type === 'null') {
    Object.assign(made, { nullable: true, enum: [null] });
  }
  if (fixed !== undefined) made.enum = [fixed];
  if (oneOf) {
    const others = oneOf.filter(({ type: each }) => each !== 'null');
    if (others.length < oneOf.length && others.length === 1) {
      // A reference that may be null: keywords beside $ref are ignored in 3.0.
      Object.assign(made, { nullable: true, allOf: others.map(schemaOf) });
    } else {
      made.oneOf = oneOf.map(schemaOf);
    }
  }
  if (allOf) made.allOf = allOf.map(schemaOf);
  if (not && not.type !== 'null') made.not = schemaOf(not);  // 3.0 has no type of null
  if (additionalProperties !== undefined) made.additionalProperties = schemaOf(additionalProperties);
  if (items) made.items = schemaOf(items);
  if (properties) made.properties = Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, schemaOf(each)]));
  return made.$ref && Object.keys(made).length > 1 ? { ...made, $ref: undefined, allOf: [{ $ref: made.$ref }] } : made;
}

/** Every schema below `node`, converted. */
function convert(node) {
  if (Array.isArray(node)) return node.map(convert);
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(Object.entries(node).map(([name, value]) => {
    if (name === 'example' || name === 'examples') return [name, value];
    if (name === 'schema') return [name, schemaOf(value)];
    if (name === 'security') return [name, value.map((each) => Object.fromEntries(Object.keys(each).map((scheme) => [scheme, []])))];
    return [name, convert(value)];
  }));
}

/** @param {object} document OpenAPI 3.1 */
export function asOpenapi30(document) {
  const { webhooks, jsonSchemaDialect, info, components, ...rest } = document;
  const { summary, license, ...about } = info;
  const schemas = Object.fromEntries(Object.entries(components.schemas).map(([name, schema]) => [name, schemaOf(schema)]));
  const { openapi, servers, tags, paths, ...more } = convert(rest);
  const { schemas: _, ...others } = components;
  return {
    openapi: '3.0.4',
    info: { ...about, license: { name: license.name } },
    servers,
    tags,
    paths,
    'x-webhooks': convert(webhooks),
    components: { schemas, ...convert(others) },
    ...more,
  };
}
