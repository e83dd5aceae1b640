import { createHash } from 'node:crypto';
import type { Language } from '../../lib/app/alerts/records.ts';

/** What a page says. */
export interface Page {
  readonly language: Language;
  readonly heading: string;
  readonly paragraphs: readonly string[];
  /** the one button, which posts to the address of the page itself */
  readonly button: string | null;
}

const STYLE = `
:root { color-scheme: light dark }
* { box-sizing: border-box }
body { margin: 0; padding: 16px; background: #f2f4f7; color: #16202c; font: 18px/1.5 -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif }
main { max-width: 560px; margin: 8vh auto 0; padding: 24px; background: #ffffff; border-radius: 8px; overflow-wrap: anywhere }
h1 { margin: 0 0 16px; font-size: 26px; line-height: 1.25 }
p { margin: 0 0 16px }
button { width: 100%; min-height: 52px; padding: 12px 20px; border: 0; border-radius: 6px; background: #0b6a75; color: #ffffff; font: inherit; font-weight: 600; cursor: pointer }
button:focus-visible { outline: 3px solid #16202c; outline-offset: 2px }
@media (prefers-color-scheme: dark) {
  body { background: #11161c; color: #eef2f6 }
  main { background: #1b232c }
  button { background: #3fb6c4; color: #0b1319 }
  button:focus-visible { outline-color: #eef2f6 }
}
`;

/**
 * Of a page nothing is fetched, nothing runs, nobody frames it, its one form goes to where it came from, and the address, which holds a
 * token, is told to nobody.
 */
export const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'x-robots-tag': 'noindex',
  'cache-control': 'no-store',
} as const;

export function pageHtml({ language, heading, paragraphs, button }: Page): string {
  return `<!DOCTYPE html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(heading)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escaped(heading)}</h1>
${paragraphs.map((text) => `<p>${escaped(text)}</p>`).join('\n')}
${button === null ? '' : `<form method="post"><button type="submit">${escaped(button)}</button></form>`}
</main>
</body>
</html>
`;
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string) => text.replace(/[&<>"]/g, (character) => ESCAPES[character] ?? character);
