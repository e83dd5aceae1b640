import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, Validations } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks } from 'cdk-nag';
import { afterAll, describe, expect, it } from 'vitest';
import { synth, synthCommand, synthHash } from '../../functions/cli/synth.ts';
import { application, newApp } from '../../infra/app.ts';
import { FUNCTIONS } from '../../infra/bundles.ts';
import { settingsOf } from '../../infra/stages.ts';
import { BUNDLES, outdirOf, templates } from './templates.ts';

const folder = mkdtempSync(join(tmpdir(), 'portolan-synth-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('synth', () => {
  /** Ten functions of one line, so that only the templates take time. */
  const entries = join(folder, 'entries');
  for (const name of FUNCTIONS) {
    mkdirSync(join(entries, name), { recursive: true });
    writeFileSync(join(entries, name, 'main.ts'), `export const handler = async () => '${name}';`);
  }
  const [first, second] = [join(folder, 'first'), join(folder, 'second')];
  const make = (outdir: string) => synth({ stage: 'local', outdir, functions: entries });
  const service = (outdir: string) => readFileSync(join(outdir, 'portolan-local-service.template.json'), 'utf8');

  it('keeps what was made from the same sources', async () => {
    expect(await make(first)).toBe(first);
    const before = statSync(join(first, 'manifest.json')).mtimeMs;
    await make(first);
    expect(statSync(join(first, 'manifest.json')).mtimeMs).toBe(before);
  });

  it('makes it again when a synthesis was cut short', async () => {
    const files = readdirSync(first).sort();
    rmSync(join(first, 'portolan.synth'));
    rmSync(join(first, 'portolan-local-data.template.json'));
    await make(first);
    expect(readdirSync(first).sort()).toEqual(files);
  });

  it('makes the same templates in another folder', async () => {
    await make(second);
    expect(service(second)).toBe(service(first));
  });

  it('makes others when a function changes', async () => {
    const before = synthHash({ stage: 'local', functions: entries });
    writeFileSync(join(entries, 'score', 'main.ts'), "export const handler = async () => 'better';");
    expect(synthHash({ stage: 'local', functions: entries })).not.toBe(before);
    await make(second);
    expect(service(second)).not.toBe(service(first));
  });

  it('tells stages apart', () => {
    expect(synthHash({ stage: 'local' })).not.toBe(synthHash({ stage: 'prod' }));
  });

  it('refuses a stage that does not exist', async () => {
    await expect(synth({ stage: 'staging' })).rejects.toThrow("stage 'staging' is not known");
  });

  it('prints the path of each template', async () => {
    const lines: string[] = [];
    await synthCommand(['--stage', 'local', '--outdir', outdirOf('local')], (line) => lines.push(line));
    const expected = ['data', 'service'].map((part) => join(outdirOf('local'), `portolan-local-${part}.template.json`));
    expect(lines.sort()).toEqual(expected);
    for (const line of lines) expect(statSync(line).isFile()).toBe(true);
  });
});

describe('the AWS Solutions rules', () => {
  const make = (stage: 'dev' | 'prod') => {
    const app = newApp(false, { outdir: join(folder, stage) });
    return { app, ...application(app, stage, BUNDLES, { ...settingsOf(stage), nag: false }) };
  };
  const findings = (app: App) => {
    app.synth();
    const { violations } = new AwsSolutionsChecks(app).validateScope(app);
    return violations.map(({ ruleName }) => ruleName);
  };

  it.each(['dev', 'prod'] as const)('find nothing in %s that is not accepted with a reason', (stage) => {
    const { app } = make(stage);
    expect(findings(app)).toEqual([]);
  });

  it('do find a careless bucket', () => {
    const { app, data } = make('dev');
    new Bucket(data, 'Careless');
    expect(findings(app)).toEqual(expect.arrayContaining(['AwsSolutions-S1', 'AwsSolutions-S10']));
  });

  it('are each accepted with a reason that says something', () => {
    const { app } = make('prod');
    const reasons = app.node
      .findAll()
      .flatMap((construct) => construct.node.metadata)
      .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
      .flatMap(({ data }) => Object.values(data as Record<string, string>));
    expect(reasons.length).toBeGreaterThan(0);
    for (const reason of reasons) expect(reason.split(' ').length, reason).toBeGreaterThan(4);
  });
});

describe('files', () => {
  it.each(['local', 'dev', 'prod'])('no asset of %s is made of this machine', (stage) => {
    const { resources } = templates(stage);
    expect(JSON.stringify(resources)).not.toContain(process.cwd());
  });
});
