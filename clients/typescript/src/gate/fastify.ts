// @lntpay/sdk/fastify: a hook of a route, or of all routes of a plugin.
//
//     app.get('/reports/:number', paid({ price: 21 }), handler);
import type { IncomingMessage, ServerResponse } from 'node:http';
import { checked } from './gate.js';
import { holdResponse } from './held-response.js';
import { forHandler, linesOf, visitOf } from './node.js';
import { guardOf, type PaidOptions } from './options.js';

export type { PaidOptions };

/** As much of Fastify's request and reply as is used. */
interface FastifyRequest {
  raw: IncomingMessage;
  ip: string;
}
interface FastifyReply {
  raw: ServerResponse;
  code(status: number): FastifyReply;
  header(name: string, value: unknown): FastifyReply;
  send(payload?: unknown): FastifyReply;
}

export type PaidFastifyOptions = PaidOptions & {
  /** The visitor's address, for the limit of open challenges. Default: `request.ip`. */
  client?: (request: never) => string | undefined;
};

/** The options of a route: its hook `onRequest`. */
export function paid({ client, ...options }: PaidFastifyOptions) {
  const { gate, onError, answerMs } = guardOf(options as PaidOptions);
  return {
    async onRequest(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
      const admission = await checked(gate, visitOf(request.raw, client ? client(request as never) : request.ip), onError);
      if (admission.allowed) {
        forHandler(request.raw, admission);
        holdResponse(reply.raw, admission, answerMs, onError);
        return undefined;
      }
      reply.code(admission.status);
      for (const [name, value] of linesOf(admission)) reply.header(name, value);
      return reply.send(admission.body);
    },
  };
}
