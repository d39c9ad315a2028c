// contract_json.cpp: the contract as the JSON of edge/component/json/contract_json.hpp, on the primitives of json_values.hpp. Names
// and shapes are jco's: camelCase members, variants as {"tag", "val"}, an absent member for an option of a record.
import { camel, scalarName, snake } from './contract_names.mjs';

export function jsonText(contract) {
  const all = [...contract.definitions.values()];
  return {
    from: all.filter((each) => each.inArguments).map((each) => ({ root: each.root, lines: fromJson(each) })),
    to: all.filter((each) => each.inResults).map((each) => ({ root: each.root, lines: toJson(each) })),
  };
}

// ---- in ----

function read(type, from) {
  switch (type.kind) {
    case 'string': return `text(${from})`;
    case 'scalar': return type.name === 'u64' ? `number(${from})` : `scalar<${scalarName(type.name)}>(${from})`;
    case 'named': return `${snake(type.name)}_from(${from})`;
    case 'tuple': return `{${type.of.map((each, i) => read(each, `${from}.at(${i})`)).join(', ')}}`;
    case 'list': return `list<${reader(type.of)}>(${from})`;
    case 'option': return `option<${reader(type.of)}>(${from})`;
    default: throw new Error(`json_text: no form for ${type.kind}`);
  }
}

/** The function that reads a value of the type. */
function reader(type) {
  if (type.kind === 'tuple') throw new Error('json_text: no form for lists of tuples without a name');
  return read(type, '').replace('()', '');
}

function fromJson({ name, cxx, kind, members, cases }) {
  const head = `${cxx} ${snake(name)}_from(const json& from) {`;
  const lines = { tuple: tupleFrom, record: recordFrom, enum: enumFrom, variant: variantFrom }[kind]();
  return [head, ...lines.map((line) => `  ${line}`), '}'];

  function tupleFrom() {
    return [`return {${members.map((each, i) => timed(each, read(each.type, `from.at(${i})`))).join(', ')}};`];
  }
  function recordFrom() {
    if (members.some(({ type }) => type.kind === 'option')) throw new Error(`json_text: no form for argument options (${name})`);
    return ['return {', ...members.flatMap(memberFrom), '};'];
  }
  function memberFrom({ name: key, member, type, time }) {
    const from = `from.at("${camel(key)}")`;
    if (type.kind !== 'tuple') return [`    .${member} = ${timed({ time }, read(type, from))},`];
    return [`    .${member} = {`, ...type.of.map((each, i) => `        ${read(each, `${from}.at(${i})`)},`), '    },'];
  }
  function enumFrom() {
    const names = cases.map((each) => `    "${each.name}",`);
    const found = `return static_cast<${cxx}>(index_in(names, text(from)));`;
    return ['static constexpr auto names = std::to_array<std::string_view>({', ...names, '});', found];
  }
  function variantFrom() {
    const line = (each) => `if (tag == "${each.name}") return ${construct(each)};`;
    return ['const auto& tag = text(from.at("tag"));', 'const auto& val = payload(from);', ...cases.map(line), '__builtin_trap();'];
  }
}

function construct({ type, cxx, record }) {
  if (record) return read(type, 'val');
  if (type?.kind === 'tuple') return `${cxx}${read(type, 'val')}`;
  return `${cxx}{${type ? read(type, 'val') : ''}}`;
}

const timed = (member, value) => (member.time ? `UnixMillis{${value}}` : value);

// ---- out ----

function write(type, from) {
  switch (type.kind) {
    case 'string': return from;
    case 'scalar': return type.name === 'u64' ? `std::to_string(${from})` : from;
    case 'named': return `${snake(type.name)}_json(${from})`;
    case 'tuple': return `json::array({${type.of.map((each, i) => write(each, `f${i}`)).join(', ')}})`;
    case 'list': return type.of.kind === 'string' ? from : `array_of<${writer(type.of)}>(${from})`;
    default: throw new Error(`json_text: no form for ${type.kind}`);
  }
}

function writer(type) {
  if (type.kind === 'named') return `${snake(type.name)}_json`;
  return `[](const auto& each) { return json(${write(type, 'each')}); }`;
}

function toJson({ name, cxx, kind, members, cases }) {
  const head = `json ${snake(name)}_json(const ${cxx}& from) {`;
  const value = (each) => `from.${each.member}${each.time ? '.value' : ''}`;
  if (kind === 'variant') {
    const visitors = cases.flatMap(visitor).map((line) => `          ${line}`);
    return [head, '  return std::visit(', '      Overload{', ...visitors, '      },', '      from);', '}'];
  }
  if (kind === 'tuple') {
    const items = members.map((each) => write(each.type, value(each))).join(', ');
    return [head, `  return json::array({${items}});`, '}'];
  }
  if (kind === 'enum') throw new Error(`json_text: no form for results that are an enum (${name})`);
  const present = members.filter((each) => each.type.kind !== 'option');
  const optional = members.filter((each) => each.type.kind === 'option');
  const entries = present.map((each) => `      {"${camel(each.name)}", ${write(each.type, value(each))}},`);
  if (optional.length === 0) return [head, '  return json::object({', ...entries, '  });', '}'];
  const addition = (each) => `  if (${value(each)}) to["${camel(each.name)}"] = ${write(each.type.of, `*${value(each)}`)};`;
  return [head, '  auto to = json::object({', ...entries, '  });', ...optional.map(addition), '  return to;', '}'];

  function visitor({ name: tag, type, cxx: alternative, record }) {
    if (!type) throw new Error(`json_text: no form for a result's case without payload (${name}.${tag})`);
    if (record) return [`[](const ${alternative}& chosen) { return variant("${tag}", ${write(type, 'chosen')}); },`];
    const names = type.kind === 'tuple' ? type.of.map((_, i) => `f${i}`) : ['f0'];
    return [
      `[](const ${alternative}& chosen) {`,
      `  const auto& [${names.join(', ')}] = chosen;`,
      `  return variant("${tag}", ${write(type, 'f0')});`,
      '},',
    ];
  }
}
