// Replays the corpus on every target, then fuzzes each for a while; as many at once as there are cores.
//
//   node tests/fuzz/fuzz.mjs [--seconds N] [TARGET...]
//   node tests/fuzz/fuzz.mjs --distil TARGET...     minimizes build/fuzz/corpus/ into tests/fuzz/corpus/
//
// Without --seconds: FUZZ_SECONDS, or 20 where CI=true, or 10. A failure is printed with its replay command.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

const limits = ['-timeout=10', '-rss_limit_mb=2048', '-malloc_limit_mb=64'];
// Mutants of invoices may have full length from the start.
const invoices = ['-max_len=7200', '-len_control=0', ...limits];
const options = {
  bech32: ['-max_len=7200', ...limits],
  decode: invoices,
  roundtrip: invoices,
  json: ['-max_len=4096', '-dict=tests/fuzz/json.dict', ...limits],
  row: ['-max_len=1024', ...limits],
};
const targets = [...Object.keys(options), 'differential'];

const program = (target) => `build/fuzz/fuzz_${target}`;
const corpus = (target) => `tests/fuzz/corpus/${target}`;
const found = (target) => `build/fuzz/corpus/${target}`;
const libFuzzer = (target, ...args) => [program(target), `-artifact_prefix=build/fuzz/${target}-`, ...options[target], ...args];
const files = async (folder) => (await readdir(folder)).sort().map((name) => `${folder}/${name}`);

// The wasm decoder is compared on invoices and near-invoices.
const differentialFiles = async () => [...(await files(corpus('decode'))), ...(await files(corpus('bech32')))];

async function replayCommand(target) {
  if (target === 'differential') return ['node', 'tests/fuzz/differential.mjs', ...(await differentialFiles())];
  return libFuzzer(target, '-runs=0', corpus(target));
}

async function fuzzCommand(target, seconds) {
  if (target === 'differential') {
    return ['node', 'tests/fuzz/differential.mjs', '--seconds', seconds, ...(await files(corpus('decode')))];
  }
  await mkdir(found(target), { recursive: true });
  return libFuzzer(target, `-max_total_time=${seconds}`, found(target), corpus(target));
}

// Progress, on a terminal only: one line for all running targets.
const running = new Map();
const toTerminal = process.stdout.isTTY;
function draw() {
  const words = [...running].map(([target, { began, runs }]) => `${target} ${Math.round((Date.now() - began) / 1000)} s, ${runs} runs`);
  process.stdout.write(`\r\x1b[K${words.join(' | ')}`);
}
function say(line) {
  console.log(`${toTerminal ? '\r\x1b[K' : ''}${line}`);
}

// Runs a command to completion: { good, last (line of statistics), log }.
async function run(target, [command, ...args], secondsMax) {
  const child = spawn(command, args.map(String), { stdio: ['ignore', 'pipe', 'pipe'] });
  const guard = setTimeout(() => child.kill('SIGKILL'), secondsMax * 1000);
  const began = Date.now();
  running.set(target, { began, runs: 0 });
  const log = [];
  let last = '';
  const listen = async (stream) => {
    for await (const line of createInterface({ input: stream })) {
      if (/^#\d+\t/.test(line)) {
        last = line;
        running.set(target, { began, runs: /^#(\d+)/.exec(line)[1] });
      } else {
        log.push(line);
      }
    }
  };
  const ended = new Promise((resolve) => child.on('close', (code) => resolve(code)));
  await Promise.all([listen(child.stdout), listen(child.stderr)]);
  const code = await ended;
  clearTimeout(guard);
  running.delete(target);
  return { good: code === 0, last, log, code };
}

function report(target, step, { log, code }) {
  say(`fuzz: ${target}: FAILED (${step}, exit code ${code})`);
  const text = log.join('\n');
  const artefact = /Test unit written to (\S+)/.exec(text)?.[1];
  const from = log.findIndex((line) => /BROKEN|ERROR|runtime error/.test(line));
  for (const line of log.slice(Math.max(from, 0)).slice(0, 25)) say(`  ${line.slice(0, 400)}`);
  if (artefact) say(`replay: ${program(target)} ${artefact}`);
  else if (step === 'corpus' && target !== 'differential') say(`replay: ${program(target)} ${corpus(target)}/*`);
}

const number = (line, name) => new RegExp(`${name}: (\\d+)`).exec(line)?.[1];

async function examine(target, seconds) {
  const began = Date.now();
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const replayed = await run(target, await replayCommand(target), 600);
  if (!replayed.good) report(target, 'corpus', replayed);
  counts[replayed.good ? 'passed' : 'failed'] += 1;
  if (replayed.good && seconds > 0) {
    const fuzzed = await run(target, await fuzzCommand(target, seconds), seconds + 120);
    if (!fuzzed.good) report(target, 'fuzzing', fuzzed);
    counts[fuzzed.good ? 'passed' : 'failed'] += 1;
    const runs = /^#(\d+)/.exec(fuzzed.last)?.[1];
    const saw = number(fuzzed.last, 'cov') ? `${number(fuzzed.last, 'cov')} edges` : `${number(fuzzed.last, 'accepted')} accepted`;
    if (fuzzed.good) say(`fuzz: ${target.padEnd(13)} corpus good, ${runs} runs in ${Math.round((Date.now() - began) / 1000)} s, ${saw}`);
  } else if (replayed.good) {
    say(`fuzz: ${target.padEnd(13)} corpus good`);
  }
  return counts;
}

async function distil(target) {
  const fresh = await mkdtemp(`build/fuzz/${target}.`);
  await mkdir(found(target), { recursive: true });
  // Edges only: with hit counts it would keep thousands of files.
  const merge = libFuzzer(target, '-set_cover_merge=1', '-use_counters=0', fresh, corpus(target), found(target));
  const result = await run(target, merge, 3600);
  if (!result.good) return report(target, 'merge', result);
  await rm(corpus(target), { recursive: true, force: true });
  await rename(fresh, corpus(target));
  say(`fuzz: ${target}: ${(await readdir(corpus(target))).length} files`);
}

const { values, positionals } = parseArgs({
  options: { seconds: { type: 'string' }, distil: { type: 'boolean' } },
  allowPositionals: true,
});
const chosen = positionals.length > 0 ? positionals : targets;
const unknown = chosen.find((target) => !targets.includes(target));
if (unknown) {
  console.error(`Unknown target ${unknown}. Targets: ${targets.join(', ')}.`);
  process.exit(2);
}
if (values.distil) {
  for (const target of chosen.filter((name) => name !== 'differential')) {
    await mkdir(corpus(target), { recursive: true });
    await distil(target);
  }
  process.exit();
}

const seconds = Number(values.seconds ?? process.env.FUZZ_SECONDS ?? (process.env.CI === 'true' ? 20 : 10));
const sums = { passed: 0, failed: 0, skipped: 0 };
const waiting = [...chosen];
async function worker() {
  for (let target = waiting.shift(); target; target = waiting.shift()) {
    let counts = { passed: 0, failed: 0, skipped: 1 };
    if (existsSync(program(target))) counts = await examine(target, seconds);
    else say(`skipped: ${program(target)} is not built. Run cmake/build.sh fuzz fuzz_targets (needs clang's libFuzzer).`);
    for (const name of Object.keys(sums)) sums[name] += counts[name];
  }
}
const drawing = toTerminal ? setInterval(draw, 500) : undefined;
await Promise.all(Array.from({ length: Math.min(availableParallelism(), chosen.length) }, worker));
clearInterval(drawing);
say(`${sums.passed} passed, ${sums.failed} failed, ${sums.skipped} skipped`);
process.exitCode = sums.failed > 0 ? 1 : 0;
