// Writes the conversions of the contract's types from wit/edge.wit, into folders that are never edited.
//   node wit/glue/generate.mjs          writes the files
//   node wit/glue/generate.mjs check    compares them; exits with 1 where one differs
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { cAbi } from './c_abi.mjs';
import { contractOf } from './contract_names.mjs';
import { jsonText } from './json_text.mjs';
import { parseWit } from './parse_wit.mjs';
import { wasmtimeValues } from './wasmtime_values.mjs';

const root = new URL('../../', import.meta.url);

/** @param {string} wit the text of wit/edge.wit @returns {Record<string, string>} file name -> text */
export function generate(wit) {
  const contract = contractOf(parseWit(wit));
  const abi = cAbi(contract);
  const json = jsonText(contract);
  const wasm = wasmtimeValues(contract);
  const wasm_folder = 'host-adapters/server/engine/wasm';
  return {
    'edge/component/gen/from_wit.hpp': header("Arguments of the component's exports, from the C bindings.", abi.from_wit),
    'edge/component/gen/to_wit.hpp': header("Results of the component's exports, to the C bindings.", abi.to_wit),
    'edge/component/json/gen/contract_json.cpp': source({
      about: 'The types of wit/edge.wit from and to JSON.',
      includes: ['"core/base/overload.hpp"', '"edge/component/json/contract_json.hpp"', '"edge/component/json/json_values.hpp"'],
      space: 'lntpay::component',
      using: 'json_values',
      functions: [...json.from, ...json.to],
    }),
    [`${wasm_folder}/gen/wasm_arguments.cpp`]: source({
      about: "Arguments of the engine's functions as component values.",
      includes: ['"core/base/overload.hpp"', `"${wasm_folder}/wasm_builders.hpp"`, `"${wasm_folder}/wasm_values.hpp"`],
      space: 'lntpay::host',
      using: 'wasm_build',
      functions: wasm.arguments,
    }),
    [`${wasm_folder}/gen/wasm_results.cpp`]: source({
      about: "Results of the engine's functions from component values.",
      includes: [`"${wasm_folder}/wasm_accessors.hpp"`, `"${wasm_folder}/wasm_values.hpp"`],
      space: 'lntpay::host',
      using: 'wasm_read',
      functions: wasm.results,
    }),
  };
}

const generated = '// Generated from wit/edge.wit by wit/glue/generate.mjs; do not edit.';

function header(about, functions) {
  return text([
    `// ${about}`,
    generated,
    '#pragma once',
    '#include "core/base/overload.hpp"',
    '#include "edge/component/abi_values.hpp"',
    '#include "edge/component/gen/edge.h"',
    '#include "edge/contract/contract.hpp"',
    '',
    'namespace lntpay::component {',
    ...functions.flatMap((lines) => ['', ...lines]),
    '',
    '}  // namespace lntpay::component',
  ]);
}

/** Functions that the header declares are external, the others internal. */
function source({ about, includes, space, using, functions }) {
  const pick = (external) => functions.filter((each) => Boolean(each.root) === external).flatMap(({ lines }) => ['', ...lines]);
  return text([
    `// ${about}`,
    generated,
    ...includes.map((name) => `#include ${name}`),
    '',
    `namespace ${space} {`,
    'namespace {',
    ...(using ? ['', `using namespace ${using};`] : []),
    ...pick(false),
    '',
    '}  // namespace',
    ...pick(true),
    '',
    `}  // namespace ${space}`,
  ]);
}

const text = (lines) => `${lines.join('\n')}\n`;

async function main(command) {
  const files = generate(await readFile(new URL('wit/edge.wit', root), 'utf8'));
  let different = 0;
  for (const [name, wanted] of Object.entries(files)) {
    const path = new URL(name, root);
    const found = await readFile(path, 'utf8').catch(() => '');
    if (found === wanted) continue;
    if (command === 'check') {
      console.error(`${name} differs from what wit/edge.wit generates: run node wit/glue/generate.mjs`);
      ++different;
    } else {
      await mkdir(dirname(fileURLToPath(path)), { recursive: true });
      await writeFile(path, wanted);
      console.log(`wrote ${name}`);
    }
  }
  process.exitCode = different ? 1 : 0;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main(process.argv[2]);
