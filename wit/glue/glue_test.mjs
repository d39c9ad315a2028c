// The generator: the parser on wit/edge.wit and on mistakes, the naming rules, and the committed output.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { contractOf } from './contract_names.mjs';
import { generate } from './generate.mjs';
import { parseWit } from './parse_wit.mjs';

const root = new URL('../../', import.meta.url);
const edge = await readFile(new URL('wit/edge.wit', root), 'utf8');
const of = (items) => `package a:b@0.1.0; interface i { ${items} }`;

test('edge.wit is parsed completely', () => {
  const wit = parseWit(edge);
  assert.equal(wit.package, 'lntpay:edge@0.1.0');
  assert.equal(wit.interface, 'engine');
  const defined = [...edge.matchAll(/^ {2}(?:type|record|variant|enum) ([a-z-]+)/gm)].map(([, name]) => name);
  assert.deepEqual([...wit.definitions.keys()], defined);
  const functions = wit.functions.map(({ name }) => name);
  assert.deepEqual(functions, ['configure', 'place', 'may-connect', 'begin', 'resume', 'abandon']);
  assert.deepEqual(wit.definitions.get('check'), {
    name: 'check',
    kind: 'record',
    fields: [
      { name: 'key', type: { kind: 'string', name: 'string' } },
      { name: 'version', type: { kind: 'option', of: { kind: 'scalar', name: 'u64' } } },
    ],
  });
});

test('every member and case of edge.wit is found', () => {
  const count = [...parseWit(edge).definitions.values()].flatMap(({ fields = [], cases = [] }) => [...fields, ...cases]).length;
  assert.equal(count, [...edge.matchAll(/^ {4}[a-z0-9-]+(: [^;\n]+|\(.*\))?,$/gm)].length);
});

for (const [mistake, text, error] of [
  ['an unknown type', of('record r { f: nothing }'), /"nothing" is not defined/],
  ['a name that is defined twice', of('enum e { a } enum e { a }'), /"e" is defined twice/],
  ['an unsupported item', of('flags f { a }'), /"flags" is not supported/],
  ['a missing brace', 'package a:b; interface i { record r {', /expected a name/],
  ['a list of two types', of('type t = list<u8, u8>;'), /list takes one type/],
]) {
  test(`the parser rejects ${mistake}`, () => assert.throws(() => parseWit(text), error));
}

test('a tuple without names in C++ is rejected', () => {
  assert.throws(() => contractOf(parseWit(of('type pair = tuple<u8, u8>;'))), /"pair" is no tuple of tuple_members/);
});

test('names follow the rules and their exceptions', () => {
  const { definitions } = contractOf(parseWit(edge));
  assert.equal(definitions.get('wait').cxx, 'WaitFor');
  assert.deepEqual(definitions.get('moment').members.map(({ member }) => member), ['now', 'entropy']);
  assert.equal(definitions.get('input').cases.at(-1).cxx, 'input::NodeStreamClosed');
  assert.deepEqual(definitions.get('effect').cases.map(({ cxx }) => cxx), ['Get', 'Range', 'Commit', 'Outgoing', 'WaitFor']);
});

test('arguments and results are what the functions reach', () => {
  const all = [...contractOf(parseWit(edge)).definitions.values()];
  const names = (which) => all.filter((each) => each[which]).map(({ name }) => name).sort();
  assert.deepEqual(names('root'), ['input', 'moment', 'reply', 'step']);
  assert.deepEqual(names('inArguments'), ['entry', 'header', 'input', 'moment', 'protected-response', 'refusal', 'reply', 'request', 'response']);
  assert.ok(!names('inResults').includes('input') && names('inResults').includes('wake-at'));
});

test('the committed files are what edge.wit generates', async () => {
  for (const [name, wanted] of Object.entries(generate(edge))) {
    assert.equal(await readFile(new URL(name, root), 'utf8'), wanted, name);
  }
});
