import type { Language } from './records.ts';

/** What an e-mail says, before it is HTML or text: both say exactly this. */
export interface Letter {
  readonly language: Language;
  readonly subject: string;
  readonly heading: string;
  readonly paragraphs: readonly string[];
  readonly table: {
    /** what the first column, the second and the third hold */
    readonly columns: readonly [string, string, string];
    readonly rows: readonly LetterRow[];
  } | null;
  readonly actions: readonly LetterLink[];
  readonly notes: readonly string[];
  readonly footer: readonly (string | LetterLink)[];
}

export interface LetterRow {
  readonly title: string;
  readonly details: readonly string[];
  /** '' where there is nothing to say */
  readonly second: string;
  readonly third: string;
  /** a share of 0 to 1 as a bar */
  readonly bar: { readonly share: number; readonly label: string } | null;
}

export interface LetterLink {
  readonly text: string;
  readonly url: string;
}

const WIDTH = 76;
const BAR = 20;

/** The letter as plain text. */
export function letterText(letter: Letter): string {
  const { heading, paragraphs, table, actions, notes, footer } = letter;
  const parts: string[] = [heading, '='.repeat(Math.min(WIDTH, heading.length)), ''];
  for (const paragraph of paragraphs) parts.push(wrapped(paragraph), '');
  if (table) {
    const [first, second, third] = table.columns;
    parts.push(`${first}:`, '');
    for (const [n, row] of table.rows.entries()) {
      const facts = [
        ...row.details,
        ...(row.second ? [`${second}: ${row.second}`] : []),
        ...(row.third ? [`${third}: ${row.third}`] : []),
        ...(row.bar ? [`${row.bar.label} ${textBar(row.bar.share)}`] : []),
      ];
      parts.push(wrapped(`${n + 1}. ${row.title}`, '   '));
      for (const fact of facts) parts.push(`   ${wrapped(fact, '   ')}`);
      parts.push('');
    }
  }
  for (const { text, url } of actions) parts.push(`${text}:`, url, '');
  for (const note of notes) parts.push(wrapped(note), '');
  if (footer.length > 0) parts.push('--');
  for (const line of footer) parts.push(...(typeof line === 'string' ? [wrapped(line)] : [`${line.text}:`, line.url]));
  return `${parts.join('\n')}\n`;
}

/** Lines of a readable length; what continues is set in. */
function wrapped(text: string, indent = ''): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > WIDTH - indent.length) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].join(`\n${indent}`);
}

const textBar = (share: number) => {
  const full = Math.round(BAR * Math.max(0, Math.min(1, share)));
  return `[${'#'.repeat(full)}${'.'.repeat(BAR - full)}]`;
};

/**
 * The letter as HTML that mail programs show: tables and inline styles, no script, no picture, nothing fetched. A bar is two cells of a
 * table, since programs leave SVG out. Colours of a dark screen where the program knows of them; those of a light one have a contrast
 * that survives being inverted where it does not.
 */
export function letterHtml(letter: Letter): string {
  const { language, subject, heading, paragraphs, table, actions, notes, footer } = letter;
  const foot = footer.map((line) =>
    typeof line === 'string'
      ? escaped(line)
      : `<a class="faint" href="${escaped(line.url)}" style="color:${FAINT}">${escaped(line.text)}</a>`,
  );
  const body = [
    `<h1 class="ink" style="margin:0 0 16px;font-size:22px;line-height:1.3;color:${INK}">${escaped(heading)}</h1>`,
    ...paragraphs.map((text) => paragraph(text)),
    ...(table ? [tableHtml(table)] : []),
    ...actions.map(
      ({ text, url }) =>
        `<p style="margin:20px 0"><a class="button" href="${escaped(url)}" style="display:inline-block;padding:12px 20px;border-radius:6px;background:${ACCENT};color:#ffffff;text-decoration:none;font-weight:600">${escaped(text)}</a></p>`,
    ),
    ...notes.map((text) => paragraph(text)),
    ...(foot.length === 0
      ? []
      : [
          `<p class="faint line" style="margin:24px 0 0;padding-top:16px;border-top:1px solid ${LINE};font-size:14px;color:${FAINT}">${foot.join('<br>')}</p>`,
        ]),
  ];
  return `<!DOCTYPE html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${escaped(subject)}</title>
<style>${STYLE}</style>
</head>
<body class="page" style="margin:0;padding:0;background:${PAGE}">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" class="page" style="background:${PAGE}"><tr><td align="center" style="padding:16px 8px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" class="card" style="max-width:640px;background:${CARD};border-radius:8px"><tr><td style="padding:24px 20px;font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;font-size:16px;line-height:1.5;text-align:left">
${body.join('\n')}
</td></tr></table>
</td></tr></table>
</body>
</html>
`;
}

const [PAGE, CARD, INK, FAINT, LINE, ACCENT, TRACK] = [
  '#f2f4f7',
  '#ffffff',
  '#16202c',
  '#5a6776',
  '#d8dee6',
  '#0b6a75',
  '#d5e3e5',
];
const STYLE = `
@media (prefers-color-scheme: dark) {
  .page { background: #11161c !important }
  .card { background: #1b232c !important }
  .ink { color: #eef2f6 !important }
  .faint { color: #a9b4c0 !important }
  .line { border-color: #35414e !important }
  .button { background: #3fb6c4 !important; color: #0b1319 !important }
  .full { background: #3fb6c4 !important }
  .track { background: #35414e !important }
}
@media (max-width: 480px) {
  .column { display: block !important; width: auto !important; text-align: left !important; padding-left: 0 !important }
  .column.first { padding-bottom: 0 !important; border-bottom: 0 !important }
  .column.second { padding: 4px 0 0 !important; border-bottom: 0 !important }
  .column.third { padding: 0 0 12px !important }
  .head { display: none !important }
  .label { display: inline !important }
}
`;

const paragraph = (text: string) => `<p class="ink" style="margin:0 0 12px;color:${INK}">${escaped(text)}</p>`;

function tableHtml({ columns, rows }: NonNullable<Letter['table']>): string {
  const [first, second, third] = columns;
  const head = (text: string, align: string) =>
    `<th class="faint line" align="${align}" style="padding:8px 0 8px ${align === 'left' ? 0 : 12}px;border-bottom:1px solid ${LINE};font-size:13px;font-weight:600;color:${FAINT}">${escaped(text)}</th>`;
  const lines = rows.map((row) => {
    const details = row.details.map(
      (text) => `<br><span class="faint" style="font-size:14px;color:${FAINT}">${escaped(text)}</span>`,
    );
    // on a phone columns lie below each other, and each says what it is
    const label = (text: string) =>
      `<span class="label faint" style="display:none;font-size:14px;color:${FAINT}">${escaped(text)}: </span>`;
    const cell = (name: string, column: string, text: string) =>
      `<td class="column ${name} ink line" align="right" valign="top" style="padding:12px 0 12px 12px;border-bottom:1px solid ${LINE};color:${INK}${name === 'third' ? ';white-space:nowrap' : ''}">${text === '' ? '' : `${label(column)}${escaped(text)}`}</td>`;
    return `<tr><td class="column first ink line" valign="top" style="padding:12px 0;border-bottom:1px solid ${LINE};color:${INK}"><strong>${escaped(row.title)}</strong>${details.join('')}${row.bar ? barHtml(row.bar) : ''}</td>${cell('second', second, row.second)}${cell('third', third, row.third)}</tr>`;
  });
  return `<table width="100%" cellpadding="0" cellspacing="0" style="margin:8px 0 12px">
<tr class="head">${head(first, 'left')}${head(second, 'right')}${head(third, 'right')}</tr>
${lines.join('\n')}
</table>`;
}

function barHtml({ share, label }: NonNullable<LetterRow['bar']>): string {
  const full = Math.round(100 * Math.max(0, Math.min(1, share)));
  const part = (name: string, width: number, colour: string) =>
    width === 0
      ? ''
      : `<td class="${name}" width="${width}%" height="8" style="background:${colour};font-size:1px;line-height:8px">&nbsp;</td>`;
  return `<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:240px;margin:8px 0 0"><tr>${part('full', full, ACCENT)}${part('track', 100 - full, TRACK)}</tr></table><span class="faint" style="font-size:14px;color:${FAINT}">${escaped(label)}</span>`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string) => text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
