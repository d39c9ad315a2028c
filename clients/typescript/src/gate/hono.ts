// @lntpay/sdk/hono: middleware.
//
//     app.use('/reports/*', paid({ price: 21 }));
import { guardOf, type PaidOptions } from './options.js';
import { guardRequest } from './web.js';

export type { PaidOptions };

/** As much of Hono's context as is used. */
interface HonoContext {
  req: { raw: Request };
  res: Response;
  error?: Error | undefined;
}

export type PaidHonoOptions = PaidOptions & {
  /** The visitor's address, for the limit of open challenges: `(c) => getConnInfo(c).remote.address`. */
  client?: (context: never) => string | undefined;
};

export function paid({ client, ...options }: PaidHonoOptions) {
  const guard = guardOf(options as PaidOptions);
  return async (context: HonoContext, next: () => Promise<void>): Promise<Response | void> => {
    let passed = false;
    const serve = async (allowed: Request): Promise<Response> => {
      passed = true;
      context.req.raw = allowed;
      await next();  // an error of the handler has become a response here
      return context.res;
    };
    const response = await guardRequest(guard, context.req.raw, serve, client?.(context as never));
    if (!passed) return response;
    context.res = undefined as unknown as Response;  // else Hono would merge the headers of both
    context.res = response;
  };
}
