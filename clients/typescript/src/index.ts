// @lntpay/sdk
export type { Budget, Payer, PayingOptions, Purchase, PurchaseStore } from './buying.js';
export { LNTPay } from './client.js';
export * from './errors.js';
export { readInvoice, type Invoice } from './invoice.js';
export type * from './objects.js';
export type { Page } from './pages.js';
export { Listing } from './pages.js';
export { payingFetch, type PayingFetch } from './paying.js';
export type { ClientOptions, RequestOptions } from './transport.js';
export type { Answer, Body, Item, Paths, QueryOf } from './types.js';
export type { WaitOptions } from './waiting.js';
export { verifyWebhook, type HeaderLines, type VerifyOptions } from './webhooks.js';
