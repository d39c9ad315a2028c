// wasm_arguments.cpp and wasm_results.cpp: the contract as component values of Wasmtime's C API, on the primitives of
// wasm_builders.hpp and wasm_accessors.hpp (host-adapters/server/engine/wasm).
import { memberCount, snake, typeName } from './contract_names.mjs';

export function wasmtimeValues(contract) {
  const all = [...contract.definitions.values()];
  return {
    arguments: all.filter((each) => each.inArguments).map((each) => ({ root: each.root, lines: toValue(each) })),
    results: all.filter((each) => each.inResults).map((each) => ({ root: each.root, lines: fromValue(each) })),
  };
}

// ---- arguments ----

function write(type, from) {
  switch (type.kind) {
    case 'string': return `text(${from})`;
    case 'scalar': return `${type.name === 'bool' ? 'boolean' : type.name}(${from})`;
    case 'named': return `wasm_${snake(type.name)}(arena, ${from})`;
    case 'list': return `list<${writer(type.of)}>(arena, ${from})`;
    case 'option': return `option<${writer(type.of)}>(arena, ${from})`;
    // Without a name in C++: an array of scalars.
    case 'tuple': return `tuple(arena, {${type.of.map((each, i) => write(each, `${from}[${i}]`)).join(', ')}})`;
    default: throw new Error(`wasmtime_values: no form for ${type.kind}`);
  }
}

/** The function that writes an element of a list or option. */
function writer(type) {
  switch (type.kind) {
    case 'string': return 'text_in';
    case 'named': return `wasm_${snake(type.name)}`;
    case 'list':
    case 'option': return `${type.kind}<${writer(type.of)}, ${cxxOf(type.of)}>`;
    default: throw new Error(`wasmtime_values: no form for elements that are a ${type.kind}`);
  }
}

function cxxOf(type) {
  if (type.kind === 'string') return 'std::string';
  if (type.kind === 'named') return typeName(type.name);
  return `${type.kind === 'list' ? 'std::vector' : 'std::optional'}<${cxxOf(type.of)}>`;
}

function toValue({ name, cxx, kind, members, cases }) {
  const arena = kind === 'enum' ? '' : ' arena';
  const head = `WasmValue wasm_${snake(name)}(ValueArena&${arena}, const ${cxx}& from) {`;
  const lines = { tuple: tupleTo, record: recordTo, enum: enumTo, variant: variantTo }[kind]();
  return [head, ...lines.map((line) => `  ${line}`), '}'];

  function value(each) {
    return write(each.type, `from.${each.member}${each.time ? '.value' : ''}`);
  }
  function tupleTo() {
    return [`return tuple(arena, {${members.map(value).join(', ')}});`];
  }
  function recordTo() {
    const fields = members.map((each) => `    {"${each.name}", ${value(each)}},`);
    return [memberCount(members), 'return record(arena, {', ...fields, '});'];
  }
  function enumTo() {
    const names = cases.map((each) => `    "${each.name}",`);
    const found = 'return enumeration(names[static_cast<std::size_t>(from)]);';
    return ['static constexpr std::string_view names[] = {', ...names, '};', found];
  }
  function variantTo() {
    const visitors = cases.flatMap(visitor).map((line) => `        ${line}`);
    return ['return std::visit(', '    Overload{', ...visitors, '    },', '    from);'];
  }
  function visitor({ name: which, type, cxx: alternative, record }) {
    if (!type) return [`[&](const ${alternative}&) { return variant("${which}"); },`];
    if (record) return [`[&](const ${alternative}& chosen) { return variant(arena, "${which}", ${write(type, 'chosen')}); },`];
    const of = type.kind === 'tuple' ? type.of : [type];
    const values = of.map((each, i) => write(each, `f${i}`));
    const payload = type.kind === 'tuple' ? `tuple(arena, {${values.join(', ')}})` : values[0];
    return [
      `[&](const ${alternative}& chosen) {`,
      `  const auto& [${of.map((_, i) => `f${i}`).join(', ')}] = chosen;`,
      `  return variant(arena, "${which}", ${payload});`,
      '},',
    ];
  }
}

// ---- results ----

function read(type, from) {
  switch (type.kind) {
    case 'string': return `text_of(${from})`;
    case 'scalar': return `${type.name === 'bool' ? 'boolean' : type.name}_of(${from})`;
    case 'named': return `${snake(type.name)}_of(${from})`;
    case 'tuple': return `{${type.of.map((each, i) => read(each, `item(${from}, ${i})`)).join(', ')}}`;
    case 'list': return `list_of<${reader(type.of)}>(${from})`;
    case 'option': return `option_of<${reader(type.of)}>(${from})`;
    default: throw new Error(`wasmtime_values: no form for ${type.kind}`);
  }
}

/** The function that reads a value of the type. */
function reader(type) {
  if (type.kind === 'tuple') throw new Error('wasmtime_values: no form for lists of tuples without a name');
  return read(type, '').replace('()', '');
}

function fromValue({ name, cxx, kind, members, cases }) {
  const head = `${cxx} ${snake(name)}_of(const WasmValue& value) {`;
  const timed = (each, from) => (each.time ? `UnixMillis{${read(each.type, from)}}` : read(each.type, from));
  const lines = { tuple: tupleOf, record: recordOf, enum: enumOf, variant: variantOf }[kind]();
  return [head, ...lines.map((line) => `  ${line}`), '}'];

  function tupleOf() {
    return [`return {${members.map((each, i) => timed(each, `item(value, ${i})`)).join(', ')}};`];
  }
  function recordOf() {
    return ['return {', ...members.map((each, i) => `    .${each.member} = ${timed(each, `field(value, ${i})`)},`), '};'];
  }
  function enumOf() {
    throw new Error(`wasmtime_values: no form for results that are an enum (${name})`);
  }
  function variantOf() {
    const line = (each) => `if (chosen.which == "${each.name}") return ${construct(each)};`;
    const article = /^[aeiou]/.test(name) ? 'an' : 'a';
    return ['const Case chosen = case_of(value);', ...cases.map(line), `throw Malformed{"${article} ${name}"};`];
  }
}

function construct({ type, cxx, record }) {
  if (record) return read(type, 'chosen.payload()');
  if (type?.kind === 'tuple') return `${cxx}${read(type, 'chosen.payload()')}`;
  return `${cxx}{${type ? read(type, 'chosen.payload()') : ''}}`;
}
