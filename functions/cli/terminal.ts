import { stripVTControlCharacters, styleText } from 'node:util';

type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow';

/** Where the command line writes: lines that stay, and on a terminal one line at the bottom that shows what is going on. */
export interface Terminal {
  /** Writes a line that stays. */
  print(line?: string): void;
  /** Writes the line of a step that is over: what it was, what came of it, how long it took. */
  line(label: string, text: string, ms: number): void;
  /** Writes a line that stays to the error output. */
  complain(line: string): void;
  /** Starts a step; shown as it goes on a terminal, and as one line when it is done. Only one at a time. */
  step(label: string, text?: string): Step;
  paint(style: Style, text: string): string;
}

export interface Step {
  /** Replaces what the step says about itself. */
  say(text: string): void;
  /** Ends the step with a line that stays: what came of it, and how long it took. */
  done(text: string): void;
  /** Ends the step without a word. */
  drop(): void;
}

const LABEL = 12;
const TEXT = 64;
const REDRAW_MS = 200;

/**
 * A terminal over two streams. Colours and the moving line only where `live`: elsewhere (a pipe, continuous integration) what is
 * printed is exactly the lines that stay.
 */
export function terminal(
  out: { write(text: string): unknown },
  errors: { write(text: string): unknown },
  { live, colour = live, now }: { live: boolean; colour?: boolean; now: () => number },
): Terminal {
  const paint = (style: Style, text: string) => (colour ? styleText(style, text, { validateStream: false }) : text);
  let current: { label: string; text: string; since: number; timer: NodeJS.Timeout } | null = null;
  const erase = () => {
    if (live && current) out.write('\r\x1b[2K');
  };
  const draw = () => {
    if (!live || !current) return;
    const { label, text, since } = current;
    out.write(`\r\x1b[2K  ${paint('dim', label.padEnd(LABEL))} ${text} ${paint('dim', seconds(now() - since))}`);
  };
  const stop = () => {
    erase();
    if (current) clearInterval(current.timer);
    current = null;
  };
  const line = (label: string, text: string, ms: number) => {
    const shown = text.length - stripVTControlCharacters(text).length + TEXT;
    const took = paint('dim', seconds(ms).padStart(8));
    out.write(`  ${paint('dim', label.padEnd(LABEL))} ${text.padEnd(shown)} ${took}\n`);
  };
  return {
    paint,
    print(line = '') {
      erase();
      out.write(`${line}\n`);
      draw();
    },
    line(label, text, ms) {
      erase();
      line(label, text, ms);
      draw();
    },
    complain(line) {
      erase();
      errors.write(`${line}\n`);
      draw();
    },
    step(label, text = '') {
      stop();
      const timer = setInterval(draw, REDRAW_MS);
      timer.unref();
      const step = { label, text, since: now(), timer };
      current = step;
      draw();
      return {
        say(next) {
          step.text = next;
          if (current === step) draw();
        },
        done(final) {
          if (current === step) stop();
          line(label, final, now() - step.since);
        },
        drop() {
          if (current === step) stop();
        },
      };
    },
  };
}

/** '0.4 s', '12.0 s', '2 min 5 s' */
export function seconds(ms: number): string {
  if (ms < 120_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}

/** '812 B', '2.6 kB', '12.3 MB' */
export function size(bytes: number): string {
  return bytes < 1000 ? `${bytes} B` : `${short(bytes, ['k', 'M', 'G', 'T'], '')}B`;
}

/** USD in short: '843', '12.3 k', '1.2 M', '3.4 bn'. */
export function money(usd: number): string {
  return Math.abs(usd) < 1000 ? usd.toFixed(0) : short(usd, ['k', 'M', 'bn', 'tn'], '');
}

function short(amount: number, units: readonly string[], none: string): string {
  let scaled = amount;
  let unit = none;
  for (const next of units) {
    // 999.95 would be written as 1000.0
    if (Math.abs(scaled) < 999.95) break;
    scaled /= 1000;
    unit = next;
  }
  return `${scaled.toFixed(1)} ${unit}`;
}

/** 1234567 as '1,234,567' */
export const count = (n: number) => n.toLocaleString('en-US');
