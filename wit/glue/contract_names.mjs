// How the types of wit/edge.wit are named in C++ (core/storage/effect.hpp, edge/contract/contract.hpp).
//
// The rules: a type is its WIT name in PascalCase; a member is its WIT name in snake_case; a u64 whose name ends in "-ms" is a
// `UnixMillis` without that ending; a variant is a std::variant of one struct per case, named after the case, with the payload as
// its members in order. The tables below are the only exceptions.

/** Types with another name in C++. */
const type_names = { wait: 'WaitFor' };

/** Structs of C++ that WIT has as tuples: their members, as WIT would name them. */
const tuple_members = { header: ['name', 'value'], 'wake-at': ['shard', 'at-ms'] };

/** Tuples without a name in WIT, by the field that holds them. */
const tuple_names = { 'outcome.wake': 'wake-at' };

/** Variants in which a case that carries a record is that record itself. */
const plain_variants = new Set(['effect', 'step']);

/** Variants whose cases have a namespace of their own. */
const case_namespaces = { input: 'input' };

export const snake = (name) => name.replaceAll('-', '_');
export const camel = (name) => name.replace(/-(.)/g, (_, letter) => letter.toUpperCase());
const pascal = (name) => camel(`-${name}`);

/** The C++ type of a scalar. */
export const scalarName = (name) => (name === 'bool' ? 'bool' : `std::uint${name.slice(1)}_t`);

export const typeName = (name) => type_names[name] ?? pascal(name);

/** A statement that does not compile when the struct has more or fewer members than the WIT; it costs nothing. */
export const memberCount = (members) => `[[maybe_unused]] const auto& [${members.map((_, i) => `m${i}`).join(', ')}] = from;`;

/**
 * The contract as the forms need it: definitions with C++ names, lower ones first, and whether each occurs in arguments or results.
 * A definition is { name, cxx, kind, inArguments, inResults, root } and has
 *   record, tuple: members [{ name, member, type, time }]
 *   variant:       cases [{ name, type, cxx, record }]; `record` names the definition that the case is, where it is one
 *   enum:          cases [{ name, member }]
 */
export function contractOf(wit) {
  const definitions = new Map();
  for (const definition of wit.definitions.values()) {
    for (const each of [...tuplesOf(definition), definition]) definitions.set(each.name, named(each, wit.definitions));
  }
  mark(definitions, wit.functions.flatMap(({ parameters }) => parameters.map(({ type }) => type)), 'inArguments');
  mark(definitions, wit.functions.flatMap(({ result }) => (result ? [result] : [])), 'inResults');
  return { package: wit.package, interface: wit.interface, definitions };
}

/** Gives the tuples of `tuple_names` a definition, and the field that held one its name. */
function tuplesOf(definition) {
  return (definition.fields ?? []).flatMap((field) => {
    const name = tuple_names[`${definition.name}.${field.name}`];
    if (!name) return [];
    const type = field.type.of;
    field.type = { ...field.type, of: { kind: 'named', name } };
    return [{ name, kind: 'alias', type, anonymous: type }];
  });
}

function named(definition, all) {
  const { name, kind } = definition;
  const cxx = typeName(name);
  if (kind === 'record') return { name, cxx, kind, members: definition.fields.map(memberOf) };
  if (kind === 'enum') return { name, cxx, kind, cases: definition.cases.map((each) => ({ ...each, member: snake(each.name) })) };
  if (kind === 'variant') return { name, cxx, kind, cases: definition.cases.map((each) => caseOf(name, each, all)) };
  const { type } = definition;
  if (type.kind !== 'tuple' || tuple_members[name]?.length !== type.of.length) {
    throw new Error(`contract_names: "${name}" is no tuple of tuple_members`);
  }
  const members = type.of.map((each, i) => memberOf({ name: tuple_members[name][i], type: each }));
  return { name, cxx, kind: 'tuple', members, anonymous: definition.anonymous };
}

function memberOf({ name, type }) {
  const time = type.name === 'u64' && name.endsWith('-ms');
  return { name, type, time, member: snake(time ? name.slice(0, -'-ms'.length) : name) };
}

function caseOf(variant, { name, type }, all) {
  if (plain_variants.has(variant) && type?.kind === 'named' && all.get(type.name).kind === 'record') {
    return { name, type, cxx: typeName(type.name), record: type.name };
  }
  const space = case_namespaces[variant];
  return { name, type, cxx: space ? `${space}::${pascal(name)}` : pascal(name) };
}

/** `root`: a function takes or returns the type, or a list of it. */
function mark(definitions, types, direction) {
  const visit = (type, root) => {
    if (!type) return;
    if (type.kind !== 'named') {
      for (const each of [type.of ?? []].flat()) visit(each, root && type.kind === 'list');
      return;
    }
    const definition = definitions.get(type.name);
    definition.root ||= root;
    definition[direction] = true;
    for (const each of definition.members ?? definition.cases) visit(each.type, false);
  };
  for (const type of types) visit(type, true);
}
