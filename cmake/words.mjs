// Lists words to avoid in what people read: documents, string literals and test names, pages, comments. The words and the places
// where they are right: cmake/words.txt.
//
//   node cmake/words.mjs [PATH…]    all tracked files, or those whose path begins so
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const avoided = [];
const allowed = [];
for (const line of readFileSync(new URL('words.txt', import.meta.url), 'utf8').split('\n')) {
  const [, kind, rule] = line.match(/^(avoid|allow) (.*)$/) ?? [];
  if (kind === 'avoid') {
    const [pattern, instead] = rule.split(' => ');
    avoided.push({ pattern: new RegExp(`\\b(?:${pattern.replaceAll(' ', '\\s+')})\\b`, 'giu'), instead });
  } else if (kind === 'allow') {
    const [, pattern, path, reason] = rule.match(/^(.*) @ (.*) => (.+)$/) ?? [];
    if (!reason) throw new Error(`words.txt: an allow needs PATTERN @ PATH => the reason: ${line}`);
    allowed.push({ pattern: new RegExp(pattern, 'iu'), path });
  }
}

const code = /\.(cpp|hpp|h|mjs|js|ts|sh|cmake)$/;
const prose = /\.(md|html|wit)$|(^|\/)Makefile$/;
const skipped = /(^|\/)(gen|recordings|corpus|node_modules)\/|package-lock|cmake\/words|\.patch$/;

/// What a person reads in a line of code: its string literals and its comment.
function readable(path, line) {
  if (prose.test(path)) return line;
  const literals = line.match(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`/g) ?? [];
  const comment = line.match(/(?:^|\s)(?:\/\/|#(?!include|define|pragma|if|e)|\*) ?(.*)$/)?.[1] ?? '';
  return [...literals, comment].join('  ');
}

const chosen = process.argv.slice(2);
const files = execFileSync('git', ['ls-files'], { encoding: 'utf8' }).split('\n')
  .filter((path) => (code.test(path) || prose.test(path)) && !skipped.test(path) && (chosen.length === 0 || chosen.some((start) => path.startsWith(start))));

let found = 0;
for (const path of files) {
  readFileSync(path, 'utf8').split('\n').forEach((line, index) => {
    const text = readable(path, line);
    for (const { pattern, instead } of avoided) {
      for (const [word] of text.matchAll(pattern)) {
        if (allowed.some((rule) => rule.pattern.test(word) && (rule.path === '*' || path.includes(rule.path)))) continue;
        console.log(`${path}:${index + 1}: "${word}": ${instead}`);
        found += 1;
      }
    }
  });
}
if (found > 0) console.log(`${found} words to replace, or to allow with a reason in cmake/words.txt`);
process.exit(found > 0 ? 1 : 0);
