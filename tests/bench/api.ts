/**
 * Latency of a running service under an even load: `npm start` in one terminal, `npm run -s bench -- api` in another.
 * Asks for opportunities and cards of the largest exporters, 200 requests a second in all, first to warm up and then to measure.
 */
// @ts-expect-error autocannon has no types
import autocannon from 'autocannon';

const [apiUrl = 'http://127.0.0.1:8642', perSecond = '200', seconds = '20'] = process.argv.slice(2);
const CONNECTIONS = 2;
const EXPORTERS = 20;

const get = async <Answer>(path: string) => (await (await fetch(apiUrl + path)).json()) as Answer;

// questions that have answers: a page of the default order, a page of one market, a card, for each of the largest exporters
const { items: countries } = await get<{ items: { code: string; exportsUsd: number }[] }>('/v1/countries');
const paths: string[] = [];
for (const { code } of countries.toSorted((a, b) => b.exportsUsd - a.exportsUsd).slice(0, EXPORTERS)) {
  const { items } = await get<{ items: { product: string; importer: string }[] }>(
    `/v1/opportunities?exporter=${code}&limit=5`,
  );
  paths.push(`/v1/opportunities?exporter=${code}`);
  for (const { product, importer } of items.slice(0, 2)) {
    paths.push(`/v1/opportunities?exporter=${code}&importer=${importer}`, `/v1/scores/${code}/${product}/${importer}`);
  }
}

const load = (duration: number) =>
  autocannon({
    url: apiUrl,
    connections: CONNECTIONS,
    overallRate: Number(perSecond),
    duration,
    requests: paths.map((path) => ({ method: 'GET', path })),
  });
await load(5);
const result = await load(Number(seconds));
const { latency, requests, non2xx, errors } = result;
console.log(
  `${paths.length} questions, ${requests.average.toFixed(0)} requests a second over ${CONNECTIONS} connections for ${seconds} s: ` +
    `p50 ${latency.p50} ms, p90 ${latency.p90} ms, p99 ${latency.p99} ms, max ${latency.max} ms; ${non2xx} not 2xx, ${errors} errors`,
);
