// A faulty gateway between host and node: it drops, truncates, delays and duplicates. Not a suite.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { Agent, request } from 'node:https';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/// Faults, each with a number where it takes one:
///   unsent          the request is dropped; the connection breaks
///   unanswered      the node performs it; no byte of the response arrives
///   cut             half of the response arrives
///   first-line      the response ends after its first line
///   late ms         the request is delayed
///   twice           the request arrives twice; the first response is returned
/// and of the stream of invoices:
///   doubled         every line is sent twice
///   cut-line n      the stream ends inside the nth line
///
/// { url, will(pattern, fault, { times, value }), forget(), seen, close() }: the next `times` requests that match ("POST /v1/invoices")
/// get it; `will` returns a function that tells whether all of them have arrived. `forget` ends what has not. `seen` lists the requests
/// that reached the node.
export async function unreliable(node) {
  const agent = new Agent({ ca: readFileSync(node.tls_cert), keepAlive: true });
  const plans = [];
  const seen = [];

  function planned(line) {
    const plan = plans.find(({ pattern, times }) => times > 0 && pattern.test(line));
    if (plan) plan.times -= 1;
    return plan ?? {};
  }

  async function forward(incoming, body) {
    seen.push(`${incoming.method} ${incoming.url}`);
    const { host, connection, ...headers } = incoming.headers;
    const asked = request(node.rest + incoming.url, { method: incoming.method, headers, agent });
    asked.end(body);
    const [answer] = await once(asked, 'response');
    return answer;
  }

  async function wholeOf(stream) {
    const parts = [];
    for await (const part of stream) parts.push(part);
    return Buffer.concat(parts);
  }

  async function pipeLines(answer, outgoing, { fault, value }) {
    let rest = '';
    let count = 0;
    for await (const part of answer.setEncoding('utf8')) {
      rest += part;
      for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
        const line = rest.slice(0, end + 1);
        rest = rest.slice(end + 1);
        count += 1;
        if (fault === 'cut-line' && count === value) return outgoing.write(line.slice(0, line.length / 2), () => outgoing.destroy());
        outgoing.write(fault === 'doubled' ? line + line : line);
      }
    }
    outgoing.end();
  }

  async function exchange(incoming, outgoing) {
    const body = await wholeOf(incoming);
    const plan = planned(`${incoming.method} ${incoming.url}`);
    if (plan.fault === 'unsent') return incoming.socket.destroy();
    if (plan.fault === 'late') await sleep(plan.value);
    const answer = await forward(incoming, body);
    if (incoming.url.startsWith('/v1/invoices/subscribe')) {
      incoming.socket.once('close', () => answer.destroy());
      outgoing.writeHead(answer.statusCode, answer.headers).flushHeaders();
      return pipeLines(answer, outgoing, plan);
    }
    const streams = /^\/v2\/router\//.test(incoming.url);
    if (!plan.fault && streams) {
      incoming.socket.once('close', () => answer.destroy());
      outgoing.writeHead(answer.statusCode, answer.headers);
      return answer.pipe(outgoing);
    }
    const text = await wholeOf(answer);
    if (plan.fault === 'twice') await wholeOf(await forward(incoming, body));
    if (plan.fault === 'unanswered') return incoming.socket.destroy();
    const { 'transfer-encoding': _, ...headers } = answer.headers;
    outgoing.writeHead(answer.statusCode, { ...headers, 'content-length': text.length });
    if (plan.fault === 'cut') return outgoing.write(text.subarray(0, text.length / 2), () => outgoing.destroy());
    if (plan.fault === 'first-line') return outgoing.write(text.subarray(0, text.indexOf('\n') + 1), () => outgoing.destroy());
    outgoing.end(text);
  }

  const server = createServer((incoming, outgoing) => exchange(incoming, outgoing).catch(() => incoming.socket.destroy()));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    seen,
    will(pattern, fault, { times = 1, value } = {}) {
      const plan = { pattern: new RegExp(`^${pattern}`), fault, times, value };
      plans.push(plan);
      return () => plan.times === 0;
    },
    forget() {
      plans.length = 0;
    },
    close() {
      server.close().closeAllConnections();
      agent.destroy();
    },
  };
}
