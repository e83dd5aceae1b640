/** Every route that reads, in the words of API Gateway. The api function answers all of them. */
export const ROUTES = [
  '/v1/opportunities',
  '/v1/scores/{exporter}/{product}/{importer}',
  '/v1/countries',
  '/v1/countries/{country}',
  '/v1/products',
  '/v1/products/{product}',
  '/v1/runs',
  '/v1/runs/{run}',
  '/v1/runs/{run}/changes',
  '/v1/runs/{run}/changes/{exporter}',
  '/v1/backtest',
  '/v1/datasets',
  '/v1/status',
  '/v1/health',
  '/v1/openapi.json',
] as const;

/** Every route of subscriptions. The subscriptions function answers all of them. */
export const SUBSCRIPTION_ROUTES = [
  '/v1/subscriptions',
  '/v1/subscriptions/preview',
  '/v1/subscriptions/export',
  '/v1/subscriptions/{subscription}',
  '/v1/subscriptions/{subscription}/confirm',
  '/v1/subscriptions/{subscription}/unsubscribe',
  '/v1/subscriptions/{subscription}/pause',
  '/v1/subscriptions/{subscription}/resume',
  '/v1/subscriptions/{subscription}/token',
  '/v1/subscriptions/{subscription}/secret',
  '/v1/subscriptions/{subscription}/test',
  '/v1/subscriptions/{subscription}/deliveries',
  '/v1/subscriptions/{subscription}/deliveries/{delivery}/replay',
] as const;

/** Routes without a key where readers need one: who watches over the service has none, nor have those who follow links in e-mails. */
export const KEYLESS: readonly string[] = [
  '/v1/health',
  '/v1/subscriptions/{subscription}/confirm',
  '/v1/subscriptions/{subscription}/unsubscribe',
];
