// @lntpay/sdk/fetch and @lntpay/sdk/next: a paid handler of WHATWG requests.
//
//     const sell = paid({ price: 21 });
//     export const GET = sell((request) => Response.json({ report: 7 }));
import { guardOf, type PaidOptions } from './options.js';
import { guardRequest } from './web.js';

export type { PaidOptions };

export type PaidFetchOptions = PaidOptions & {
  /** The visitor's address, for the limit of open challenges. Default: only the gate's limit. */
  client?: (request: Request) => string | undefined;
};

/** Wraps handlers; further arguments (Next's context, a Worker's env) are passed on. */
export function paid({ client, ...options }: PaidFetchOptions) {
  const guard = guardOf(options as PaidOptions);
  return <R extends Request, A extends unknown[]>(handler: (request: R, ...rest: A) => Response | Promise<Response>) =>
    (request: R, ...rest: A): Promise<Response> => guardRequest(guard, request, (allowed) => handler(allowed as R, ...rest), client?.(request));
}
