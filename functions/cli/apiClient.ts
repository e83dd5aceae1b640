import { Stop } from './command.ts';

/** What the API says when it can't answer (RFC 9457). */
interface Problem {
  readonly title?: string;
  readonly detail?: string;
  readonly errors?: readonly { readonly parameter?: string; readonly detail?: string }[];
}

/** The address of a question to the API, as a person would write it. */
export function questionUrl(
  apiUrl: string,
  path: string,
  query: Readonly<Record<string, string | number>> = {},
): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) parameters.set(name, String(value));
  const asked = parameters.size > 0 ? `?${parameters}` : '';
  return `${apiUrl.replace(/\/$/, '')}${path}${asked}`;
}

/** The JSON answer to a question. Throws Stop with the API's own words when it refuses or nobody answers. */
export const ask = <Answer>(url: string): Promise<Answer> => answer(url, {});

/** The JSON answer to what is sent, as `ask`. */
export const send = <Answer>(url: string, body: unknown, token?: string): Promise<Answer> =>
  answer(url, {
    method: 'POST',
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });

async function answer<Answer>(url: string, init: RequestInit & { headers?: Record<string, string> }): Promise<Answer> {
  let response: Response;
  try {
    response = await fetch(url, { ...init, headers: { accept: 'application/json', ...init.headers } });
  } catch (error) {
    throw new Stop(`nobody answers at ${url}`, { cause: error });
  }
  if (response.ok) return (await response.json()) as Answer;
  const { title, detail, errors = [] } = (await response.json().catch(() => ({}))) as Problem;
  const said = [
    detail ?? title ?? response.statusText,
    ...errors.map((error) => `${error.parameter}: ${error.detail}`),
  ];
  throw new Stop(`${url} answered ${response.status}: ${said.join('; ')}`);
}
