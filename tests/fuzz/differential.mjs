// Compares the native and the wasm decoder: their verdicts on every text must be equal. The native program generates the inputs and
// its verdicts; the same sources as a wasm module run here.
//
//   node tests/fuzz/differential.mjs FILE...                       the files unchanged
//   node tests/fuzz/differential.mjs --seconds N [--seed S] FILE...    mutants of them, for N seconds
//
// Stops at the first difference: keeps the input in build/fuzz/ and prints the replay command.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

const native = 'build/fuzz/fuzz_differential';
const wasm = `build/${process.env.WASM_PRESET || 'wasm'}/fuzz_verdict.wasm`;

async function wasmReader() {
  const module = await WebAssembly.compile(await readFile(wasm));
  const imports = WebAssembly.Module.imports(module);
  if (imports.length > 0) throw new Error(`${wasm} imports ${imports[0].module}.${imports[0].name}`);
  const { memory, _initialize, room, verdict, answer } = (await WebAssembly.instantiate(module, {})).exports;
  _initialize();
  const text = new TextDecoder();
  return (input) => {
    try {
      const at = room(input.length);
      new Uint8Array(memory.buffer).set(input, at);
      const size = verdict();
      return text.decode(new Uint8Array(memory.buffer, answer(), size));
    } catch (error) {
      return `trap: ${error.message}`;
    }
  };
}

async function keep(input) {
  const path = `build/fuzz/differential-${createHash('sha1').update(input).digest('hex').slice(0, 12)}`;
  await mkdir('build/fuzz', { recursive: true });
  await writeFile(path, input);
  return path;
}

const { values, positionals: files } = parseArgs({
  options: { seconds: { type: 'string' }, seed: { type: 'string' } },
  allowPositionals: true,
});
const seconds = Number(values.seconds ?? 0);
const seed = values.seed ?? String(Date.now());
const endless = String(Number.MAX_SAFE_INTEGER);
const read = await wasmReader();
const began = Date.now();
const child = spawn(native, seconds > 0 ? ['--mutants', endless, seed, ...files] : files, { stdio: ['ignore', 'pipe', 'inherit'] });
const ended = new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal })));

let inputs = 0;
let accepted = 0;
let broken;
let shown = began;
for await (const line of createInterface({ input: child.stdout })) {
  const space = line.indexOf(' ');
  const input = Buffer.from(space < 0 ? line : line.slice(0, space), 'hex');
  if (space < 0) {  // it crashed between input and verdict
    broken = { input, why: 'the native decoder crashed' };
    break;
  }
  const expected = line.slice(space + 1);
  const answer = read(input);
  inputs += 1;
  if (!/^\w+ at /.test(expected)) accepted += 1;
  if (answer !== expected) {
    broken = { input, why: `native and wasm differ\n  native  ${expected}\n  wasm    ${answer}` };
    break;
  }
  const now = Date.now();
  if (now - shown > 500) {
    console.log(`#${inputs}\taccepted: ${accepted} exec/s: ${Math.round(inputs / ((now - began) / 1000))}`);
    shown = now;
  }
  if (seconds > 0 && now - began > seconds * 1000) break;
}
child.kill();
const { code } = await ended;
if (!broken && code !== null && code !== 0) broken = { input: '', why: `the native program exited with ${code}` };
if (!broken && inputs === 0) broken = { input: '', why: 'there were no inputs' };

if (broken) {
  const path = await keep(broken.input);
  console.log(`BROKEN: ${broken.why}\n  text    ${broken.input.toString('latin1')}`);
  console.log(`replay: node tests/fuzz/differential.mjs ${path}`);
  process.exitCode = 1;
} else {
  console.log(`#${inputs}\tDONE   accepted: ${accepted} exec/s: ${Math.round(inputs / ((Date.now() - began) / 1000))}`);
}
