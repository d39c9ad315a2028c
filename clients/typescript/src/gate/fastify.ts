// @lntpay/sdk/fastify: the hooks of a route, or of all routes of a plugin.
//
//     const sell = paid({ price: 21 });
//     app.get('/reports/:number', sell, handler);
import type { IncomingMessage } from 'node:http';
import { checked, delivers, not_in_time, not_recorded, responseHeaders, type Admission, type Refusal } from './gate.js';
import { forHandler, visitOf } from './node.js';
import { guardOf, type PaidOptions } from './options.js';

export type { PaidOptions };

/** As much of Fastify's request and reply as is used. */
interface FastifyRequest {
  raw: IncomingMessage;
  ip: string;
}
interface FastifyReply {
  statusCode: number;
  sent: boolean;
  code(status: number): FastifyReply;
  header(name: string, value: unknown): FastifyReply;
  getHeader(name: string): unknown;
  removeHeader(name: string): FastifyReply;
  getHeaders(): Record<string, unknown>;
  send(payload?: unknown): FastifyReply;
}

export type PaidFastifyOptions = PaidOptions & {
  /** The visitor's address, for the limit of open challenges. Default: `request.ip`. */
  client?: (request: never) => string | undefined;
};

/** `onRequest` and `onSend` of a route. */
export function paid({ client, ...options }: PaidFastifyOptions) {
  const { gate, onError, answerMs } = guardOf(options as PaidOptions);
  const admitted = new WeakMap<object, { admission: Admission; timer: ReturnType<typeof setTimeout> }>();
  return {
    async onRequest(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
      const admission = await checked(gate, visitOf(request.raw, client ? client(request as never) : request.ip), onError);
      if (!admission.allowed) return reply.send(replaced(reply, admission));
      forHandler(request.raw, admission);
      const timer = setTimeout(() => {
        admitted.delete(request);
        void admission.settle(undefined).catch(onError);
        if (!reply.sent) reply.send(replaced(reply, not_in_time));
      }, answerMs);
      admitted.set(request, { admission, timer });
      return undefined;
    },

    async onSend(request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown> {
      const held = admitted.get(request);
      if (!held) return payload;
      admitted.delete(request);
      clearTimeout(held.timer);
      const line = (name: string) => String(reply.getHeader(name) ?? '');
      const served = { status: reply.statusCode, location: line('location'), price: line('lntpay-price') };
      const recorded = await held.admission.settle(served);
      if (!recorded && delivers(served)) {
        (payload as { destroy?: () => void } | null)?.destroy?.();
        return replaced(reply, not_recorded);
      }
      reply.removeHeader('lntpay-price');
      for (const [name, value] of responseHeaders(held.admission, recorded ?? [], (each) => line(each) !== '', line('cache-control'))) reply.header(name, value);
      return payload;
    },
  };
}

/** Makes the reply this refusal; its body. */
function replaced(reply: FastifyReply, { status, headers, body }: Refusal): string {
  for (const name of Object.keys(reply.getHeaders())) reply.removeHeader(name);
  const lines = new Map<string, string[]>();
  for (const [name, value] of headers) lines.set(name, [...(lines.get(name) ?? []), value]);
  reply.code(status);
  for (const [name, values] of lines) reply.header(name, values.length > 1 ? values : values[0]);
  return body;
}
