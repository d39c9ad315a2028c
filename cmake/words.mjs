// Lists words to avoid in what people read: documents, string literals and test names, pages, comments; and in names of code. The
// words and the places where they are right: cmake/words.txt.
//
//   node cmake/words.mjs [PATH…]    all files of the project, or those whose path begins so
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

const avoided = [];
const allowed = [];
for (const line of readFileSync(new URL('words.txt', import.meta.url), 'utf8').split('\n')) {
  const [, kind, rule] = line.match(/^(avoid|name|allow) (.*)$/) ?? [];
  if (kind === 'avoid' || kind === 'name') {
    const [pattern, instead] = rule.split(' => ');
    const flags = kind === 'avoid' ? 'giu' : 'gu';
    avoided.push({ kind, pattern: new RegExp(`\\b(?:${pattern.replaceAll(' ', '\\s+')})\\b`, flags), instead });
  } else if (kind === 'allow') {
    const [, pattern, path, reason] = rule.match(/^(.*) @ (.*) => (.+)$/) ?? [];
    if (!reason) throw new Error(`words.txt: an allow needs PATTERN @ PATH => the reason: ${line}`);
    allowed.push({ pattern: new RegExp(pattern, 'giu'), path });
  }
}

const skipped = /(^|\/)(gen|recordings|corpus|vectors\/data|node_modules)\/|package-lock|cmake\/words|(^|\/)LICENSE$/;

/// How comments begin, by the end of a path. `#` needs a space behind it: `#include` and `#channel` are none.
const languages = [
  [/\.(md|html|wit)$|(^|\/)(Makefile|Caddyfile)$/, 'prose'],
  [/\.(cpp|hpp|h|c|pml)$/, /(?:(?:^|\s)\/\/[/<!]*|(?:^|\s)\/\*+|^\s*\*(?= |$)) ?(.*)$/],
  [/\.(mjs|js|ts)$/, /(?:(?:^|\s)\/\/+|(?:^|\s)\/\*+|^\s*\*(?= |$)) ?(.*)$/],
  [/\.(sh|cmake|conf)$|CMakeLists\.txt$|(^|\/)[^./]+$|\/suites\.quick$/, /(?:^|\s)#!? (.*)$/],
  [/\.lua$/, /(?:^|\s)--+ ?(.*)$/],
  [/\.patch$/, 'patch'],
];
const cpp = /\.(cpp|hpp|h|c)$/;
const js = /\.(mjs|js|ts)$/;
const one_line_literal = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`/g;

/// The lines of a file as { text, code }: what a person reads in it (string literals and comments), and the rest.
function* readable(path, source) {
  const [, language] = languages.find(([end]) => end.test(path)) ?? [];
  let header = language === 'patch';
  let ends = null;  // what ends the raw string or template literal that the line begins in
  for (let line of source.split('\n')) {
    if (language === 'prose') {
      yield { text: line, code: '' };
      continue;
    }
    if (language === 'patch') {
      // Its sentence, and the lines that it adds; the others are those of the sources.
      if (line.startsWith('diff ')) header = false;
      const added = /^\+(?!\+\+)(.*)/.exec(line)?.[1] ?? '';
      yield header ? { text: line, code: '' } : [...readable('added.cpp', added)][0];
      continue;
    }
    const text = [];
    if (ends !== null) {
      const at = ends === '`' ? line.search(/(?<!\\)`/) : line.indexOf(ends);
      text.push(at < 0 ? line : line.slice(0, at));
      line = at < 0 ? '' : line.slice(at + ends.length);
      if (at >= 0) ends = null;
    }
    for (let begins; ends === null && cpp.test(path) && (begins = /R"([^(\s]*)\(/.exec(line)); ) {
      const end = `)${begins[1]}"`;
      const from = begins.index + begins[0].length;
      const at = line.indexOf(end, from);
      if (at < 0) ends = end;
      text.push(line.slice(from, at < 0 ? undefined : at));
      line = line.slice(0, begins.index) + (at < 0 ? '' : ` ${line.slice(at + end.length)}`);
    }
    text.push(...(line.match(one_line_literal) ?? []));
    const bare = line.replaceAll(one_line_literal, '""');
    const comment = language.exec(bare) ? language.exec(line) : null;
    if (comment) text.push(comment[1]);
    let code = comment ? bare.slice(0, language.exec(bare).index) : bare;
    const opens = js.test(path) ? code.indexOf('`') : -1;
    if (opens >= 0) {
      text.push(code.slice(opens + 1));
      code = code.slice(0, opens);
      ends = '`';
    }
    yield { text: text.join('  '), code };
  }
  if (ends !== null) throw new Error(`${path}: a literal does not end with ${ends}`);
}

const chosen = process.argv.slice(2);
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' }).split('\n')
  .filter((path) => languages.some(([end]) => end.test(path)) && !skipped.test(path) && existsSync(path))
  .filter((path) => chosen.length === 0 || chosen.some((start) => path.startsWith(start)));

/// Whether an allowed pattern matches where the word is: of `/guard` the word `guard` is allowed only after a slash.
const isAllowed = (path, text, from, to) => allowed.some((rule) => (rule.path === '*' || path.includes(rule.path)) &&
  [...text.matchAll(rule.pattern)].some((match) => match.index <= from && to <= match.index + match[0].length));

let found = 0;
for (const path of files) {
  let number = 0;
  for (const { text, code } of readable(path, readFileSync(path, 'utf8'))) {
    number += 1;
    for (const { kind, pattern, instead } of avoided) {
      const where = kind === 'avoid' ? text : code;
      for (const match of where.matchAll(pattern)) {
        if (isAllowed(path, where, match.index, match.index + match[0].length)) continue;
        console.log(`${path}:${number}: "${match[0]}": ${instead}`);
        found += 1;
      }
    }
  }
}
if (found > 0) console.log(`${found} words to replace, or to allow with a reason in cmake/words.txt`);
process.exit(found > 0 ? 1 : 0);
