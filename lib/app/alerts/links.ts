import { MINIMUMS } from '../topOpportunities.ts';
import type { Filter, Subscription } from './records.ts';
import { linkToken } from './tokens.ts';

type Linked = Pick<Subscription, 'id' | 'baseUrl' | 'linkKey'>;

/** The page with the button that confirms a subscription. */
export const confirmLink = ({ id, baseUrl, linkKey }: Linked) =>
  `${baseUrl}/v1/subscriptions/${id}/confirm?token=${linkToken(linkKey, id, 'confirm')}`;

/** Where one click, or one POST of a mail program, ends a subscription (RFC 8058). */
export const unsubscribeLink = ({ id, baseUrl, linkKey }: Linked) =>
  `${baseUrl}/v1/subscriptions/${id}/unsubscribe?token=${linkToken(linkKey, id, 'unsubscribe')}`;

/** Everything that a subscription asks for, as it stands now. */
export function opportunitiesLink({ baseUrl, filter }: Pick<Subscription, 'baseUrl' | 'filter'>): string {
  const names = ['exporter', 'importer', 'product', 'basis', 'without', ...Object.keys(MINIMUMS)] as (keyof Filter)[];
  const query = new URLSearchParams();
  for (const name of names) if (filter[name] !== undefined) query.set(name, String(filter[name]));
  return `${baseUrl}/v1/opportunities?${query}`;
}
