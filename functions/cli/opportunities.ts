import type * as z from 'zod';
import type * as api from '../api/schemas.ts';
import { ask, questionUrl } from './apiClient.ts';
import { DEFAULT_STATE } from './service.ts';
import { table } from './table.ts';
import { money, type Terminal } from './terminal.ts';

/** Whose opportunities are shown when nobody says. */
const SHOWN_EXPORTER = 'MEX';
const SHOWN = 10;

type Opportunity = z.infer<typeof api.Opportunity>;

/** Asks the API for the best opportunities of an exporter and shows them, the question with them and what to ask next. Returns whose they are. */
export async function showOpportunities(
  apiUrl: string,
  asked: string | undefined,
  state: string,
  screen: Terminal,
): Promise<string> {
  const exporter = asked?.toUpperCase() ?? (await someExporter(apiUrl));
  const url = questionUrl(apiUrl, '/v1/opportunities', { exporter, limit: SHOWN });
  const { items, reason } = await ask<{ items: Opportunity[]; reason?: { detail: string } }>(url);
  const name = items[0]?.exporterName ?? exporter;
  screen.print();
  if (items.length === 0) screen.print(`${name} has no opportunities: ${reason?.detail ?? 'the API gives no reason'}`);
  else {
    const { head, body } = opportunityTable(items);
    screen.print(screen.paint('bold', `Where ${name} could sell more, the best ${items.length} (USD a year)`));
    screen.print(screen.paint('dim', head));
    for (const row of body) screen.print(row);
  }
  screen.print(`\n  curl '${url}'\n`);
  for (const line of nextSteps(apiUrl, exporter, state)) screen.print(line);
  return exporter;
}

/** What somebody who has seen the first answer may want to try, one line each. */
function nextSteps(apiUrl: string, exporter: string, state: string): string[] {
  const elsewhere = state === DEFAULT_STATE ? '' : ` --state ${state}`;
  const curl = (path: string, query: Record<string, string>) => `curl '${questionUrl(apiUrl, path, query)}'`;
  return [
    'What to try next',
    `  one market        ${curl('/v1/opportunities', { exporter, importer: 'USA' })}`,
    `  words to codes    ${curl('/v1/products', { q: 'coffee' })}`,
    `  every question    ${curl('/v1/openapi.json', {})}`,
    `  your own files    npm run -s portolan -- drop FILE${elsewhere}`,
  ];
}

/** Rank, product, market and amounts, one opportunity a row. */
export function opportunityTable(items: readonly Opportunity[]) {
  const usd = (amount: number | null) => (amount === null ? '–' : money(amount));
  return table(
    [
      { heading: '#', number: true },
      { heading: 'product', widest: 44 },
      { heading: 'market', widest: 24 },
      { heading: 'actual', number: true },
      { heading: 'potential', number: true },
      { heading: 'expected gain', number: true },
      { heading: 'chance', number: true },
      { heading: 'score', number: true },
    ],
    items.map((item, n) => [
      String(n + 1),
      `${item.product} ${item.productName}`,
      item.importerName,
      usd(item.actualUsd),
      usd(item.potentialUsd),
      usd(item.opportunityUsd),
      item.feasibility === null ? '–' : `${(100 * item.feasibility).toFixed(item.feasibility < 0.1 ? 1 : 0)} %`,
      item.score.toFixed(1),
    ]),
  );
}

/** Mexico when it is among the exporters, else the one that exports most. */
async function someExporter(apiUrl: string): Promise<string> {
  const { items } = await ask<z.infer<typeof api.Countries>>(questionUrl(apiUrl, '/v1/countries', { limit: 500 }));
  const exporters = items.filter(({ exportsUsd }) => exportsUsd > 0).sort((a, b) => b.exportsUsd - a.exportsUsd);
  return exporters.find(({ code }) => code === SHOWN_EXPORTER)?.code ?? exporters[0]?.code ?? SHOWN_EXPORTER;
}
