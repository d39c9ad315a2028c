// Parses the part of WIT that wit/edge.wit uses: one interface of type aliases, records, variants, enums and functions.
// https://component-model.bytecodealliance.org/design/wit.html
//
// A type is { kind: 'scalar' | 'string', name } or { kind: 'list' | 'option', of } or { kind: 'tuple', of: [type] } or
// { kind: 'result', error } or { kind: 'named', name }.

const scalars = new Set(['bool', 'u8', 'u16', 'u32', 'u64']);

/** @param {string} text @returns {{ package: string, interface: string, definitions: Map<string, object>, functions: object[] }} */
export function parseWit(text) {
  const tokens = tokensOf(text);
  const wit = { package: '', interface: '', definitions: new Map(), functions: [] };
  tokens.expect('package');
  wit.package = tokens.until(';');
  tokens.expect('interface');
  wit.interface = tokens.name();
  tokens.expect('{');
  while (!tokens.accept('}')) parseItem(tokens, wit);
  for (const type of typesOf(wit)) requireDefined(type, wit.definitions);
  return wit;
}

function parseItem(tokens, wit) {
  const keyword = tokens.name();
  if (tokens.accept(':')) {
    wit.functions.push(parseFunction(tokens, keyword));
    return;
  }
  const name = tokens.name();
  const parse = { type: parseAlias, record: parseRecord, variant: parseVariant, enum: parseEnum }[keyword];
  if (!parse) throw new Error(`wit: "${keyword}" is not supported`);
  if (wit.definitions.has(name)) throw new Error(`wit: "${name}" is defined twice`);
  wit.definitions.set(name, { name, ...parse(tokens) });
}

function parseAlias(tokens) {
  tokens.expect('=');
  const type = parseType(tokens);
  tokens.expect(';');
  return { kind: 'alias', type };
}

const parseRecord = (tokens) => ({
  kind: 'record',
  fields: members(tokens, (name) => {
    tokens.expect(':');
    return { name, type: parseType(tokens) };
  }),
});

const parseVariant = (tokens) => ({
  kind: 'variant',
  cases: members(tokens, (name) => {
    if (!tokens.accept('(')) return { name, type: null };
    const type = parseType(tokens);
    tokens.expect(')');
    return { name, type };
  }),
});

const parseEnum = (tokens) => ({ kind: 'enum', cases: members(tokens, (name) => ({ name })) });

function parseFunction(tokens, name) {
  tokens.expect('func');
  tokens.expect('(');
  const parameters = list(tokens, ')', () => {
    const parameter = tokens.name();
    tokens.expect(':');
    return { name: parameter, type: parseType(tokens) };
  });
  const result = tokens.accept('->') ? parseType(tokens) : null;
  tokens.expect(';');
  return { name, parameters, result };
}

function parseType(tokens) {
  const name = tokens.name();
  if (name === 'string') return { kind: 'string', name };
  if (scalars.has(name)) return { kind: 'scalar', name };
  if (!['list', 'option', 'tuple', 'result'].includes(name)) return { kind: 'named', name };
  tokens.expect('<');
  if (name === 'result') {
    tokens.expect('_');
    tokens.expect(',');
  }
  const of = list(tokens, '>', () => parseType(tokens));
  if (name === 'tuple') return { kind: 'tuple', of };
  if (of.length !== 1) throw new Error(`wit: ${name} takes one type`);
  return name === 'result' ? { kind: 'result', error: of[0] } : { kind: name, of: of[0] };
}

/** `{ name…, name…, }` */
function members(tokens, parse) {
  tokens.expect('{');
  return list(tokens, '}', () => parse(tokens.name()));
}

/** Items between commas, the last of which is optional, up to `end`. */
function list(tokens, end, parse) {
  const items = [];
  while (!tokens.accept(end)) {
    items.push(parse());
    if (!tokens.accept(',')) {
      tokens.expect(end);
      break;
    }
  }
  return items;
}

function tokensOf(text) {
  const found = text.replace(/\/\/.*$/gm, '').match(/->|[a-z0-9_-]*[a-z0-9_]|\S/g) ?? [];
  let at = 0;
  const accept = (token) => found[at] === token && ++at > 0;
  return {
    accept,
    expect(token) {
      if (!accept(token)) throw new Error(`wit: expected "${token}", found "${found[at]}" at token ${at}`);
    },
    name() {
      const token = found[at++];
      if (!/^[a-z]/.test(token ?? '')) throw new Error(`wit: expected a name, found "${token}" at token ${at - 1}`);
      return token;
    },
    until(end) {
      const from = at;
      while (at < found.length && found[at] !== end) ++at;
      return found.slice(from, at++).join('');
    },
  };
}

function* typesOf({ definitions, functions }) {
  for (const { type, fields = [], cases = [] } of definitions.values()) {
    for (const each of [type, ...fields.map((field) => field.type), ...cases.map((one) => one.type)]) if (each) yield each;
  }
  for (const { parameters, result } of functions) {
    for (const { type } of parameters) yield type;
    if (result) yield result;
  }
}

function requireDefined(type, definitions) {
  if (type.kind === 'named' && !definitions.has(type.name)) throw new Error(`wit: "${type.name}" is not defined`);
  for (const each of [type.of ?? [], type.error ?? []].flat()) requireDefined(each, definitions);
}
