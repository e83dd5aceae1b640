/** Every route of the API, in the words of API Gateway. The api function answers all of them. */
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
