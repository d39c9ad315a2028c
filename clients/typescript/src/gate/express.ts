// @lntpay/sdk/express: middleware for Express, Connect and node:http.
//
//     app.use('/reports', paid({ price: 21 }));
import type { IncomingMessage, ServerResponse } from 'node:http';
import { checked, type Admission, type Refusal } from './gate.js';
import { holdResponse } from './held-response.js';
import { forHandler, send, visitOf } from './node.js';
import { guardOf, type PaidOptions } from './options.js';

export type { PaidOptions };

export type PaidExpressOptions = PaidOptions & {
  /** The visitor's address, for the limit of open challenges. Default: `request.ip`, which follows Express's trust proxy; else the socket's. */
  client?: (request: IncomingMessage) => string | undefined;
};

export function paid({ client = addressOf, ...options }: PaidExpressOptions) {
  const { gate, onError, answerMs } = guardOf(options as PaidOptions);
  return async (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void): Promise<void> => {
    const admission: Admission | Refusal = await checked(gate, visitOf(request, client(request)), onError);
    if (!admission.allowed) return send(response, admission);
    forHandler(request, admission);
    holdResponse(response, admission, answerMs, onError);
    next();
  };
}

const addressOf = (request: IncomingMessage): string | undefined => (request as { ip?: string }).ip ?? request.socket.remoteAddress;
