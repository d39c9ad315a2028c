// Figures of `make bench`: one JSON line each on standard output; a table on a terminal (on standard error) at the end.

export const figures = [];

/// `target`: {max} or {min}; without one `ok` is null. `more` holds related values.
export function figure(name, value, unit, { target = null, ...more } = {}) {
  const rounded = typeof value === 'number' ? Number(value.toPrecision(4)) : value;
  const ok = target === null ? null : target.max !== undefined ? value <= target.max : value >= target.min;
  const line = { figure: name, value: rounded, unit, target: target === null ? null : target.max !== undefined ? `<= ${target.max}` : `>= ${target.min}`, ok, ...more };
  figures.push(line);
  console.log(JSON.stringify(line));
}

export const missed = () => figures.filter((each) => each.ok === false);

/// The exit code: a missed target fails the measurement only if STRICT is set.
export const exitCode = (env = process.env) => (env.STRICT === '1' && missed().length > 0 ? 2 : 0);

export function table() {
  const rows = figures
    .filter((each) => typeof each.value === 'number')
    .map((each) => [each.figure, String(each.value), each.unit, each.target ?? '', each.ok === null ? '' : each.ok ? 'ok' : 'MISSED']);
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map((row) => `  ${row[0].padEnd(widths[0])}  ${row[1].padStart(widths[1])} ${row[2].padEnd(widths[2])}  ${row[3].padEnd(widths[3])}  ${row[4]}`.trimEnd())
    .join('\n');
}
