// The receivers of the part `webhooks`, in a process of their own: a fast one, which can hold its responses, and one that never
// responds. HTTP is parsed by hand, so that the receiver takes little of the processor that it shares with the host.
import { once } from 'node:events';
import { createServer } from 'node:net';
import { serveCommands } from './rig.mjs';

const response = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';
const now_ms = () => Number(process.hrtime.bigint()) / 1e6;  // the same clock in all processes

let holding = false;
const held = new Set();  // sockets with a request that waits for its response
let answered = 0;
let awaited = null;      // { count, done }
let recording = false;
let arrivals = [];       // [charge, time]

function answer(socket) {
  socket.write(response);
  answered += 1;
  if (awaited && answered >= awaited.count) {
    awaited.done(now_ms());
    awaited = null;
  }
}

function take(socket, request) {
  if (recording) arrivals.push([/"data":\{"id":"(ch_\w+)"/.exec(request)?.[1], now_ms()]);
  if (holding) held.add(socket);
  else answer(socket);
}

const fast = createServer({ noDelay: true }, (socket) => {
  let text = '';
  socket.on('error', () => {}).on('close', () => held.delete(socket));
  socket.on('data', (bytes) => {
    text += bytes.toString('latin1');
    for (;;) {
      const head = text.indexOf('\r\n\r\n');
      if (head === -1) return;
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(text)?.[1] ?? 0);
      const end = head + 4 + length;
      if (text.length < end) return;
      take(socket, text);
      text = text.slice(end);
    }
  });
}).listen(0, '127.0.0.1');

const open = new Set();
const hanging = createServer((socket) => {
  open.add(socket);
  socket.resume().on('error', () => {}).on('close', () => open.delete(socket));
}).listen(0, '127.0.0.1');

await Promise.all([once(fast, 'listening'), once(hanging, 'listening')]);
const url = (server) => `http://127.0.0.1:${server.address().port}/`;

serveCommands({
  where: () => ({ fast: url(fast), hanging: url(hanging) }),
  open: () => open.size,
  /// Records the arrival of each charge's webhook, until `arrivals`.
  record() {
    recording = true;
    arrivals = [];
  },
  recorded: () => arrivals.length,
  arrivals() {
    recording = false;
    return arrivals;
  },
  /// Holds the responses until `release`, which counts them from 0 and yields its time.
  hold: () => (holding = true),
  release() {
    holding = false;
    answered = 0;
    const at = now_ms();
    for (const socket of held) answer(socket);
    held.clear();
    return at;
  },
  /// The time at which that many have been answered since `release`; null: not within `ms_max`.
  reached: (count, ms_max) => new Promise((done) => {
    if (answered >= count) return done(now_ms());
    awaited = { count, done };
    setTimeout(() => done(null), ms_max);
  }),
});
