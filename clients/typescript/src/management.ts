// The resources that set a workspace up: gates, webhook endpoints, keys, and the sandbox.
import type { NewGate } from './objects.js';
import type { Routes } from './routes.js';
import type { RequestOptions } from './transport.js';
import type { Body, QueryOf } from './types.js';

type Options = RequestOptions;

export const gates = (at: Routes) => ({
  create: (gate: NewGate, options?: Options) => at.post('/v1/gates', [], gate, options, 'gate'),
  get: (id: string, options?: Options) => at.get('/v1/gates/{gate}', [id], undefined, options),
  list: (query?: QueryOf<'/v1/gates'>, options?: Options) => at.list('/v1/gates', [], query, options),
  update: (id: string, change: Body<'/v1/gates/{gate}', 'patch'>, options?: Options) => at.patch('/v1/gates/{gate}', [id], change, options),
  delete: (id: string, options?: Options) => at.delete('/v1/gates/{gate}', [id], options),
  revoke: (id: string, options?: Options) => at.post('/v1/gates/{gate}/revoke', [id], undefined, options),
  challenge: (id: string, visit: Body<'/v1/gates/{gate}/challenge'>, options?: Options) => at.post('/v1/gates/{gate}/challenge', [id], visit, options, 'challenge'),
  verify: (id: string, visit: Body<'/v1/gates/{gate}/verify'>, options?: Options) => at.post('/v1/gates/{gate}/verify', [id], visit, options, 'admission'),
});

export const redemptions = (at: Routes) => ({
  commit: (id: string, use: Body<'/v1/redemptions/{redemption}/commit'>, options?: Options) =>
    at.post('/v1/redemptions/{redemption}/commit', [id], use, options, 'redemption'),
  release: (id: string, use: Body<'/v1/redemptions/{redemption}/release'>, options?: Options) =>
    at.post('/v1/redemptions/{redemption}/release', [id], use, options, 'redemption'),
});

export const webhookEndpoints = (at: Routes) => ({
  create: (endpoint: Body<'/v1/webhook_endpoints'>, options?: Options) => at.post('/v1/webhook_endpoints', [], endpoint, options, 'webhook_endpoint'),
  get: (id: string, options?: Options) => at.get('/v1/webhook_endpoints/{endpoint}', [id], undefined, options),
  list: (options?: Options) => at.list('/v1/webhook_endpoints', [], undefined, options),
  update: (id: string, change: Body<'/v1/webhook_endpoints/{endpoint}', 'patch'>, options?: Options) => at.patch('/v1/webhook_endpoints/{endpoint}', [id], change, options),
  delete: (id: string, options?: Options) => at.delete('/v1/webhook_endpoints/{endpoint}', [id], options),
  rotateSecret: (id: string, how: Body<'/v1/webhook_endpoints/{endpoint}/rotate_secret'> = {}, options?: Options) =>
    at.post('/v1/webhook_endpoints/{endpoint}/rotate_secret', [id], how, options),
  activateSecret: (id: string, options?: Options) => at.post('/v1/webhook_endpoints/{endpoint}/activate_secret', [id], undefined, options),
  retireSecret: (id: string, secret: string, options?: Options) => at.delete('/v1/webhook_endpoints/{endpoint}/secrets/{secret}', [id, secret], options),
  test: (id: string, what: Body<'/v1/webhook_endpoints/{endpoint}/test'> = {}, options?: Options) => at.post('/v1/webhook_endpoints/{endpoint}/test', [id], what, options),
  recover: (id: string, what: Body<'/v1/webhook_endpoints/{endpoint}/recover'>, options?: Options) => at.post('/v1/webhook_endpoints/{endpoint}/recover', [id], what, options),
  recovery: (id: string, options?: Options) => at.get('/v1/webhook_endpoints/{endpoint}/recovery', [id], undefined, options),
  deliveries: (id: string, query?: QueryOf<'/v1/webhook_endpoints/{endpoint}/deliveries'>, options?: Options) =>
    at.list('/v1/webhook_endpoints/{endpoint}/deliveries', [id], query, options),
});

export const webhookDeliveries = (at: Routes) => ({
  get: (id: string, options?: Options) => at.get('/v1/webhook_deliveries/{delivery}', [id], undefined, options),
  list: (query?: QueryOf<'/v1/webhook_deliveries'>, options?: Options) => at.list('/v1/webhook_deliveries', [], query, options),
  redeliver: (id: string, options?: Options) => at.post('/v1/webhook_deliveries/{delivery}/redeliver', [id], undefined, options),
});

export const apiKeys = (at: Routes) => ({
  create: (key: Body<'/v1/api_keys'>, options?: Options) => at.post('/v1/api_keys', [], key, options, 'api_key'),
  list: (query?: QueryOf<'/v1/api_keys'>, options?: Options) => at.list('/v1/api_keys', [], query, options),
  get: (id: string, options?: Options) => at.get('/v1/api_keys/{key}', [id], undefined, options),
  update: (id: string, change: Body<'/v1/api_keys/{key}', 'patch'>, options?: Options) => at.patch('/v1/api_keys/{key}', [id], change, options),
  current: (options?: Options) => at.get('/v1/api_keys/current', [], undefined, options),
  roll: (id: string, how: Body<'/v1/api_keys/{key}/roll'> = {}, options?: Options) => at.post('/v1/api_keys/{key}/roll', [id], how, options, 'api_key'),
  delete: (id: string, options?: Options) => at.delete('/v1/api_keys/{key}', [id], options),
});

export const workspace = (at: Routes) => ({
  get: (options?: Options) => at.get('/v1/workspace', [], undefined, options),
  update: (change: Body<'/v1/workspace', 'patch'>, options?: Options) => at.patch('/v1/workspace', [], change, options),
  auditTrail: (query?: QueryOf<'/v1/audit'>, options?: Options) => at.list('/v1/audit', [], query, options),
});

/** The request log of the last day. */
export const requests = (at: Routes) => ({
  get: (id: string, options?: Options) => at.get('/v1/requests/{request}', [id], undefined, options),
  list: (query?: QueryOf<'/v1/requests'>, options?: Options) => at.list('/v1/requests', [], query, options),
});

/** Test keys only. */
export const sandbox = (at: Routes) => ({
  get: (options?: Options) => at.get('/v1/sandbox', [], undefined, options),
  fund: (amount: Body<'/v1/sandbox/fund'>, options?: Options) => at.post('/v1/sandbox/fund', [], amount, options, 'charge'),
  payCharge: (id: string, how: Body<'/v1/sandbox/charges/{charge}/pay'> = {}, options?: Options) => at.post('/v1/sandbox/charges/{charge}/pay', [id], how, options, 'charge'),
  expireCharge: (id: string, options?: Options) => at.post('/v1/sandbox/charges/{charge}/expire', [id], undefined, options, 'charge'),
  /** Pays an invoice of a gate or charge, as a payer's wallet would; the answer has the preimage. */
  payInvoice: (bolt11: string, options?: Options) => at.post('/v1/sandbox/wallet/pay', [], { bolt11 }, options),
  createInvoice: (invoice: Body<'/v1/sandbox/invoices'>, options?: Options) => at.post('/v1/sandbox/invoices', [], invoice, options),
  advanceClock: (ms: number, options?: Options) => at.post('/v1/sandbox/clock/advance', [], { ms }, options),
  setFaults: (faults: NonNullable<Body<'/v1/sandbox/faults'>['faults']>, options?: Options) => at.post('/v1/sandbox/faults', [], { faults }, options),
  reset: (options?: Options) => at.post('/v1/sandbox/reset', [], undefined, options),
});
