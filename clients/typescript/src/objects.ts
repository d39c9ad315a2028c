// The API's objects, by name.
import type { webhooks } from './openapi.js';
import type { Answer, Body, Item } from './types.js';

export type Charge = Answer<'/v1/charges/{charge}'>;
export type NewCharge = Body<'/v1/charges'>;
export type Withdrawal = Answer<'/v1/withdrawals/{withdrawal}'>;
export type NewWithdrawal = Body<'/v1/withdrawals'>;
export type Balance = Answer<'/v1/balance'>;
export type LedgerEntry = Item<'/v1/ledger'>;
export type Gate = Answer<'/v1/gates/{gate}'>;
export type NewGate = Body<'/v1/gates'>;
export type GateAdmission = Answer<'/v1/gates/{gate}/verify', 'post'>;
export type ApiKey = Item<'/v1/api_keys'>;
export type WebhookEndpoint = Answer<'/v1/webhook_endpoints/{endpoint}'>;
export type WebhookDelivery = Answer<'/v1/webhook_deliveries/{delivery}'>;
export type LNTPayEvent = Answer<'/v1/events/{event}'>;
type Posted<T> = T extends { post: { requestBody?: infer R } } ? (NonNullable<R> extends { content: { 'application/json': infer E } } ? E : never) : never;
/** The event that a webhook carries; `type` tells which. `sample`: an example, in which nothing exists. */
export type WebhookEvent = { [T in keyof webhooks]: Posted<webhooks[T]> }[keyof webhooks] & { sample?: boolean };
