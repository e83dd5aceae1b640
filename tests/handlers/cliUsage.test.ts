import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { command, helpOf, readArguments } from '../../functions/cli/command.ts';
import { portolan } from '../../functions/cli/main.ts';
import { count, money, seconds, size, terminal } from '../../functions/cli/terminal.ts';
import { nearest } from '../../infra/nearest.ts';

/** A terminal that remembers what was written. */
function recording(live = false) {
  const written = { out: '', errors: '' };
  let clock = 0;
  const screen = terminal(
    { write: (text) => (written.out += text) },
    { write: (text) => (written.errors += text) },
    { live, colour: false, now: () => clock },
  );
  return { written, screen, pass: (ms: number) => (clock += ms) };
}

const greet = command({
  name: 'greet',
  summary: 'Says hello.',
  operands: 'NAME…',
  atLeast: 1,
  atMost: 2,
  options: { port: { value: 'N', help: 'where' }, loud: { help: 'with capitals' } },
  details: 'More about it.',
  run: async (names, { port, loud }) => names.length + Number(port ?? 0) + (loud ? 100 : 0),
});

describe('the command line', () => {
  it.each([[[]], [['--help']], [['help']]])('lists its commands for %j', async (args) => {
    const { written, screen } = recording();
    expect(await portolan(args, screen)).toBe(0);
    for (const name of ['start', 'drop', 'validate', 'status', 'invoke', 'synth'])
      expect(written.out).toMatch(new RegExp(`^  ${name} `, 'm'));
  });

  it.each([
    [['strat'], 'there is no command strat; did you mean start?'],
    [['xyzzy'], 'there is no command xyzzy\n'],
    [['toString'], 'there is no command toString'],
    [['start', '--prot', '1'], 'start: there is no option --prot; did you mean --port?'],
    [['start', '--port'], "start: Option '--port <value>' argument missing"],
    [['start', '--port', 'http'], 'start: --port http is not a port; give a number from 0 to 65535'],
    [['start', '--once=yes'], "start: Option '--once' does not take an argument"],
    [['drop'], 'drop: 0 given where FILE… is expected'],
    [['synth', 'here'], 'synth: 1 given where nothing but options is expected'],
    [['synth', '--stage', 'moon'], 'synth: there is no stage moon; there are local, dev, prod'],
  ])('refuses %j with exit code 2 and says why', async (args, reason) => {
    const { written, screen } = recording();
    expect(await portolan(args, screen)).toBe(2);
    expect(written.errors).toContain(reason);
    expect(written.out).toBe('');
  });

  it('ends with exit code 1 and one message, no stack, when there is something to act on', async () => {
    const { written, screen } = recording();
    expect(await portolan(['drop', 'nowhere/flows.csv'], screen)).toBe(1);
    expect(written.errors).toContain('nowhere/flows.csv: there is no such file');
    expect(written.errors).not.toContain('    at ');
  });

  it('reads files offline: what they hold, the rows that they lose, and what would be refused', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'portolan-validate-'));
    writeFileSync(join(folder, 'flows.csv'), 't,i,j,k,v,q\n2021,4,8,60311,1.5,NA\n2021,4,9999,60311,1,NA\n');
    writeFileSync(join(folder, 'other.csv'), 'colour,shape\nred,round\n');
    const { written, screen } = recording();
    const paths = ['flows.csv', 'other.csv'].map((name) => join(folder, name));
    expect(await portolan(['validate', ...paths], screen)).toBe(1);
    rmSync(folder, { recursive: true });
    expect(written.out).toContain('flows.csv: baci, 1 of 2 rows can be stored');
    expect(written.out).toContain('2021: 1 exporters, 1 importers, 1 products at 6 digits (HS), 1.5 k USD');
    expect(written.out).toMatch(/1 rejected: .*\n.*row,column,value.*\n.*9999/);
    expect(written.errors).toMatch(/^other\.csv would be refused: .*colour, shape/);
  });

  it.each(['start', 'drop', 'validate', 'status', 'invoke', 'synth', 'doctor', 'deploy', 'destroy', 'redrive'])(
    'explains %s',
    async (name) => {
      const { written, screen } = recording();
      expect(await portolan([name, '--help'], screen)).toBe(0);
      expect(written.out).toContain(`  portolan ${name}`);
      expect(written.out).toContain('--help');
    },
  );
});

describe('arguments', () => {
  it('reach the command as it declared them', async () => {
    const { operands, values } = readArguments(greet, ['a', '--port', '7', 'b', '--loud']);
    expect(await greet.run(operands, values, recording().screen)).toBe(109);
  });

  it('are refused beyond the number of operands, but --help is answered anyway', () => {
    expect(() => readArguments(greet, ['a', 'b', 'c'])).toThrow('greet: 3 given where NAME… is expected');
    expect(readArguments(greet, ['--help']).help).toBe(true);
  });

  it('are listed by the help, aligned', () => {
    expect(helpOf(greet)).toBe(
      'Says hello.\n\n  portolan greet NAME… [options]\n\n  --port N  where\n  --loud    with capitals\n  --help    this text\n\nMore about it.',
    );
  });

  it('are compared with what exists, but not with what is far away', () => {
    expect(nearest('frehs', ['fresh', 'port'])).toBe('fresh');
    expect(nearest('colour', ['fresh', 'port'])).toBe(null);
  });
});

describe('the terminal', () => {
  it('prints only lines that stay where nobody watches', () => {
    const { written, screen, pass } = recording();
    const step = screen.step('drop', 'world.csv');
    step.say('world.csv 40 %');
    pass(1234);
    step.done('world.csv 12.3 MB');
    expect(written.out).toMatch(/^ {2}drop {9}world\.csv 12\.3 MB +1\.2 s\n$/);
  });

  it('keeps the moving line at the bottom on a terminal', () => {
    const { written, screen } = recording(true);
    const step = screen.step('run', 'waiting');
    screen.print('ingested');
    step.drop();
    screen.print('end');
    const shown = written.out.split('\r\x1b[2K');
    expect(shown.at(-3)).toBe('ingested\n');
    expect(shown.at(-2)).toContain('waiting');
    expect(shown.at(-1)).toBe('end\n');
  });

  it('writes amounts short', () => {
    expect([0, 843, 12_345, 999_949, 999_951, 1.2e6, 3.44e9, 2e12].map(money)).toEqual([
      '0',
      '843',
      '12.3 k',
      '999.9 k',
      '1.0 M',
      '1.2 M',
      '3.4 bn',
      '2.0 tn',
    ]);
    expect([812, 2_600, 12_345_678].map(size)).toEqual(['812 B', '2.6 kB', '12.3 MB']);
    expect([40, 12_000, 119_900, 125_000].map(seconds)).toEqual(['0.0 s', '12.0 s', '119.9 s', '2 min 5 s']);
    expect(count(1234567)).toBe('1,234,567');
  });
});
