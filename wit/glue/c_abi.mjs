// from_wit.hpp and to_wit.hpp: the C types of wit-bindgen (edge/component/gen/edge.h) to the engine's types and back, on the
// primitives of edge/component/abi_values.hpp.
import { memberCount, scalarName, snake } from './contract_names.mjs';

/** Members that wit-bindgen spells with a "_" at the end, because C++ reserves the name. */
const reserved = new Set(['delete', 'new', 'default', 'class', 'register', 'return', 'switch', 'case', 'operator', 'template']);
const c_member = (name) => (reserved.has(name) ? `${name}_` : snake(name));

export function cAbi(contract) {
  const prefix = `exports_${contract.package.replace(/@.*/, '').replace(/[:-]/g, '_')}_${snake(contract.interface)}`;
  const cType = ({ name, anonymous }) => {
    if (!anonymous) return `${prefix}_${snake(name)}_t`;
    return `edge_tuple${anonymous.of.length}_${anonymous.of.map((each) => each.name).join('_')}_t`;
  };
  const tag = (definition, name) => `${prefix}_${snake(definition.name)}_${snake(name)}`.toUpperCase();
  const emit = { cType, tag };
  const all = [...contract.definitions.values()];
  return {
    from_wit: all.filter((each) => each.inArguments).map((each) => fromWit(each, emit)),
    to_wit: all.filter((each) => each.inResults).map((each) => toWit(each, emit)),
  };
}

// ---- from_wit ----

function read(type, from) {
  switch (type.kind) {
    case 'scalar': return from;
    case 'string': return `text_from_wit(${from})`;
    case 'named': return `${snake(type.name)}_from_wit(${from})`;
    case 'tuple': return `{${type.of.map((each, i) => read(each, `${from}.f${i}`)).join(', ')}}`;
    case 'list': return `list_from_wit<${reader(type.of)}>(${from})`;
    case 'option': return `option_from_wit<${reader(type.of)}>(${from})`;
    default: throw new Error(`c_abi: no form for ${type.kind}`);
  }
}

function reader(type) {
  if (type.kind === 'string') return 'text_from_wit';
  if (type.kind === 'named') return `${snake(type.name)}_from_wit`;
  return `[](const auto& each) { return ${read(type, 'each')}; }`;
}

function fromWit(definition, { cType, tag }) {
  const { name, cxx, kind, cases } = definition;
  const parameter = kind === 'enum' ? `${cType(definition)} from` : `const ${cType(definition)}& from`;
  const head = `inline ${cxx} ${snake(name)}_from_wit(${parameter}) {`;
  const body = { tuple: tupleFrom, record: recordFrom, enum: enumFrom, variant: variantFrom }[kind];
  return [...(kind === 'enum' ? [...cases.map(sameNumber), ''] : []), head, ...body(definition).map((line) => `  ${line}`), '}'];

  function sameNumber(each) {
    return `static_assert(static_cast<int>(${cxx}::${each.member}) == ${tag(definition, each.name)});`;
  }
  function tupleFrom({ members }) {
    return [`return {${members.map((each, i) => timed(each, read(each.type, `from.f${i}`))).join(', ')}};`];
  }
  function recordFrom({ members }) {
    const line = (each) => `    .${each.member} = ${timed(each, read(each.type, `from.${c_member(each.name)}`))},`;
    return ['return {', ...members.map(line), '};'];
  }
  function enumFrom() {
    return [`return static_cast<${cxx}>(from);`];
  }
  function variantFrom() {
    const line = (each) => [`  case ${tag(definition, each.name)}:`, `    return ${construct(each)};`];
    const otherwise = '  default: std::abort();  // the canonical ABI admits no other tag';
    return ['switch (from.tag) {', ...cases.flatMap(line), otherwise, '}'];
  }
  function construct({ type, cxx: alternative, record, name: which }) {
    const from = `from.val.${c_member(which)}`;
    if (record) return read(type, from);
    if (type?.kind === 'tuple') return `${alternative}${read(type, from)}`;
    return `${alternative}{${type ? read(type, from) : ''}}`;
  }
}

const timed = (member, value) => (member.time ? `UnixMillis{${value}}` : value);

// ---- to_wit ----

function write(type, from, to) {
  switch (type.kind) {
    case 'scalar': return [`${to} = ${from};`];
    case 'string': return [`text_to_wit(${from}, ${to});`];
    case 'named': return [`${snake(type.name)}_to_wit(${from}, ${to});`];
    case 'list': return [`list_to_wit<${writer(type.of)}>(${from}, ${to});`];
    case 'option': return [`option_to_wit<${writer(type.of)}>(${from}, ${to});`];
    default: throw new Error(`c_abi: no form for ${type.kind}`);
  }
}

function writer(type) {
  if (type.kind === 'scalar') return `scalar_to_wit<${scalarName(type.name)}>`;
  if (type.kind === 'string') return 'text_to_wit';
  if (type.kind === 'named') return `${snake(type.name)}_to_wit`;
  return `[](const auto& each, auto& out) { ${write(type, 'each', 'out').join(' ')} }`;
}

function toWit(definition, { cType, tag }) {
  const { name, cxx, kind, members, cases } = definition;
  const head = `inline void ${snake(name)}_to_wit(const ${cxx}& from, ${cType(definition)}& to) {`;
  if (kind === 'variant') {
    const visitors = cases.flatMap(visitor).map((line) => `          ${line}`);
    return [head, '  std::visit(', '      Overload{', ...visitors, '      },', '      from);', '}'];
  }
  if (kind === 'enum') throw new Error(`c_abi: no form for results that are an enum (${name})`);
  const target = (each, i) => (kind === 'tuple' ? `to.f${i}` : `to.${c_member(each.name)}`);
  const lines = members.flatMap((each, i) => write(each.type, `from.${each.member}${each.time ? '.value' : ''}`, target(each, i)));
  return [head, ...[memberCount(members), ...lines].map((line) => `  ${line}`), '}'];

  function visitor(each) {
    const payload = payloadTo(each, `to.val.${c_member(each.name)}`);
    const parameter = payload.length > 0 ? ' chosen' : '';
    return [
      `[&](const ${each.cxx}&${parameter}) {`,
      `  to.tag = ${tag(definition, each.name)};`,
      ...payload.map((line) => `  ${line}`),
      '},',
    ];
  }
  function payloadTo({ type, record }, to) {
    if (!type) return [];
    if (record) return write(type, 'chosen', to);
    if (type.kind !== 'tuple') return ['const auto& [f0] = chosen;', ...write(type, 'f0', to)];
    const names = type.of.map((_, i) => `f${i}`);
    const writes = type.of.flatMap((each, i) => write(each, names[i], `${to}.${names[i]}`));
    return [`const auto& [${names.join(', ')}] = chosen;`, ...writes];
  }
}
