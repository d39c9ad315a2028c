// Properties of the machine and its processes: /proc, and the time of an fsync.
import { closeSync, fdatasyncSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';

export function environment() {
  return {
    cores: cpus().length,
    cpu: cpus()[0]?.model ?? 'unknown',
    memory_mib: Math.round(totalmem() / 2 ** 20),
    kernel: release(),
    load_1m: Number(loadavg()[0].toFixed(2)),
    busy: Number(busyShare().toFixed(2)),
  };
}

const cpuTimes = () => {
  const [, user, nice, system, idle, iowait, irq, softirq, steal] = readFileSync('/proc/stat', 'utf8').split('\n')[0].split(/ +/).map(Number);
  return { busy: user + nice + system + irq + softirq + steal, idle: idle + iowait };
};

/// The share of all cores that other processes use, measured while this one sleeps for a second.
function busyShare() {
  const before = cpuTimes();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);
  const after = cpuTimes();
  return (after.busy - before.busy) / Math.max(1, after.busy - before.busy + after.idle - before.idle);
}

/// CPU time of a process so far, in ms: user and system, all threads.
export function cpuMs(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { user: Number(fields[11]) * 10, system: Number(fields[12]) * 10 };  // clock ticks of 10 ms
}

/// Memory of a process in MiB: resident, and the anonymous part (the rest are mapped files, such as the program itself).
export function memoryMib(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kib = (name) => Number(status.match(new RegExp(`^${name}:\\s+(\\d+)`, 'm'))?.[1] ?? 0);
  return { resident: kib('VmRSS') / 1024, own: kib('RssAnon') / 1024 };
}

/// Mean time to append a page and make it durable, in the folder of the store, as SQLite does for each batch.
export function fsyncUs(folder, times = 300) {
  const path = join(folder, 'fsync');
  const file = openSync(path, 'w');
  const page = Buffer.alloc(4_096, 1);
  let spent = 0n;
  for (let i = 0; i < times; i += 1) {
    writeSync(file, page);
    const from = process.hrtime.bigint();
    fdatasyncSync(file);
    spent += process.hrtime.bigint() - from;
  }
  closeSync(file);
  unlinkSync(path);
  return Number(spent) / times / 1_000;
}

/// The counters and gauges of the host's /metrics.
export async function metrics(url) {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Object.fromEntries(
    text.split('\n').filter((line) => line && !line.startsWith('#')).map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  );
}
