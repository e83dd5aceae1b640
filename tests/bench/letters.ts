/**
 * The e-mails as pictures, to be looked at: an alert in both languages and the question for consent, on a light and a dark screen, wide and as narrow as a phone.
 *
 *     node tests/bench/letters.ts [folder]
 *
 * Writes HTML, text and PNG files into the folder (a new one by default). The pictures need Chromium (CHROMIUM=path, or `chromium` on the path); without it the
 * HTML is written, and the reason said.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { contentOf } from '../../lib/app/alerts/content.ts';
import { type Letter, letterHtml, letterText } from '../../lib/app/alerts/letter.ts';
import { alertLetter, confirmLetter } from '../../lib/app/alerts/letters.ts';
import { minute, subscriptionOf } from '../app/alerts/alerts.fixture.ts';
import { EVERY_ITEM, foundOf } from '../app/alerts/items.fixture.ts';

const SCREENS = { wide: [800, 1900], phone: [360, 2600] } as const;
const CHROMIUM = process.env.CHROMIUM ?? 'chromium';

const folder = process.argv[2] ? resolve(process.argv[2]) : mkdtempSync(join(tmpdir(), 'portolan-letters-'));
mkdirSync(folder, { recursive: true });

const subscription = subscriptionOf({
  id: 'a'.repeat(32),
  filter: { exporter: 'MEX', minScore: 95 },
  channel: { type: 'email', address: 'ana@example.com' },
});
const content = contentOf([foundOf('run1', EVERY_ITEM, { synthetic: true, total: 30 })]);
const letters: Record<string, Letter> = {};
for (const language of ['en', 'es'] as const) {
  letters[`alert-${language}`] = alertLetter({ ...subscription, language }, content);
  letters[`consent-${language}`] = confirmLetter({
    ...subscription,
    language,
    status: 'pending',
    pendingUntil: minute(60),
  });
}

let drawn = 0;
let why = '';
for (const [name, letter] of Object.entries(letters)) {
  const page = join(folder, `${name}.html`);
  writeFileSync(page, letterHtml(letter));
  writeFileSync(join(folder, `${name}.txt`), letterText(letter));
  for (const [screen, [width, height]] of Object.entries(SCREENS)) {
    for (const light of ['light', 'dark']) {
      // headless Chromium knows no narrower window than 500 px: a frame of the wanted width shows what a phone would
      const frame = join(folder, `${name}-${screen}-${light}.frame.html`);
      writeFileSync(
        frame,
        `<!DOCTYPE html><meta name="color-scheme" content="light dark"><body style="margin:0"><iframe src="${name}.html" style="border:0;width:${width}px;height:${height}px"></iframe>`,
      );
      const { status, error, stderr } = spawnSync(
        CHROMIUM,
        [
          '--headless=new',
          '--no-sandbox',
          '--disable-gpu',
          '--hide-scrollbars',
          `--blink-settings=preferredColorScheme=${light === 'dark' ? 0 : 1}`,
          `--window-size=${Math.max(500, width)},${height}`,
          `--screenshot=${join(folder, `${name}-${screen}-${light}.png`)}`,
          `file://${frame}`,
        ],
        { encoding: 'utf8', timeout: 60_000 },
      );
      if (status === 0) drawn++;
      else why = error?.message ?? stderr.split('\n').find((line) => line !== '') ?? `exit ${status}`;
    }
  }
}
console.log(JSON.stringify({ folder, letters: Object.keys(letters).length, drawn, ...(why && { notDrawn: why }) }));
