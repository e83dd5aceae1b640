import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PROJECT_ROOT } from '../../infra/sources.ts';
import { STAGES, settingsFile, settingsOf, settingsSchema, stageName, stageSettings } from '../../infra/stages.ts';
import { SETTINGS } from '../../lib/app/settings.ts';

describe('a stage', () => {
  it('that does not exist is refused with those that do', () => {
    expect(() => stageName('production')).toThrow("stage 'production' is not known; choose one of local, dev, prod");
    expect(() => stageName('toString')).toThrow('not known');
  });

  it.each(Object.keys(STAGES))('%s has valid settings', (name) => {
    expect(stageSettings(stageName(name))).toEqual(STAGES[stageName(name)]);
  });

  it('takes what the operator sets on top of its own', () => {
    const corsOrigins = ['https://trade.example', 'https://exporters.example'];
    expect(stageSettings('prod', { corsOrigins })).toEqual({ ...STAGES.prod, corsOrigins });
  });

  it.each([
    [
      { corsOrigins: ['trade.example'] },
      /^infra\/settings\/dev\.json: corsOrigins\.0 is "trade\.example"; expected .*origins like/,
    ],
    [{ startDelaySeconds: 3600 }, /startDelaySeconds is 3600; expected .*from 0 to 900/],
    [{ mapConcurrency: '8' }, /mapConcurrency is "8"; expected .*whole number from 1 to 40/],
    [{ apiRates: 10 }, 'there is no setting apiRates; did you mean apiRate?'],
    [{ colour: 'red' }, /there is no setting colour; there are keepData, /],
    [{ mailFrom: 'somebody' }, 'mailFrom is "somebody"; expected the e-mail address'],
    [{ alertBuses: ['a bus'] }, 'alertBuses.0 is "a bus"; expected event buses'],
    [{ localReceivers: ['127.0.0.1:8644'] }, 'there is no setting localReceivers'],
    [{ LOCAL_RECEIVERS: '127.0.0.1:8644' }, 'there is no setting LOCAL_RECEIVERS'],
    [{ reads: 'public' }, `reads is "public"; expected 'open'`],
    [{ region: 'Frankfurt' }, `region is "Frankfurt"; expected where it is deployed, like 'eu-central-1'`],
    [{ domain: { name: 'api.trade.example' } }, 'domain.certificateArn is missing; expected { name, certificateArn }'],
    [{ domain: { nam: 'api.trade.example' } }, 'there is no setting nam in domain; did you mean name?'],
    [{ network: { subnetIds: ['subnet-1a'], securityGroupIds: ['sg-1'] } }, 'at least two subnets'],
    [{ architecture: 'x86' }, `architecture is "x86"; expected processor of the functions: 'arm64' or 'x86_64'`],
    [{ universe: { ...STAGES.dev.universe, floorUsd: -1 } }, 'universe.floorUsd is -1; expected'],
    [{ logDays: 14 }, 'logDays is 14; expected days that logs are kept: 1, 7, 30, 90 or 365'],
    [{ budgetUsd: 50 }, 'budgetUsd is 50, but nobody would hear of it; expected an address in alarmsTo'],
    [{ apiBurst: 10 }, 'apiBurst is 10; expected at least apiRate, 50'],
    ['fast', /the settings must be an object, not "fast"/],
  ])('says what is wrong with %j', (overrides, message) => {
    expect(() => stageSettings('dev', overrides)).toThrow(message);
  });

  it('says everything that is wrong at once, a line each', () => {
    expect(() => stageSettings('prod', { waf: 'yes', apiRate: 0 })).toThrow(
      /^infra\/settings\/prod\.json: apiRate is 0;.*\ninfra\/settings\/prod\.json: waf is "yes";.*$/,
    );
  });

  it('is read from its file, or has its defaults where there is none', () => {
    const root = mkdtempSync(join(tmpdir(), 'portolan-settings-'));
    expect(settingsOf('dev', root)).toEqual(STAGES.dev);
    mkdirSync(join(root, 'infra', 'settings'), { recursive: true });
    const file = join(root, settingsFile('dev'));
    writeFileSync(file, '{"$schema": "./schema.json", "apiRate": 7}');
    expect(settingsOf('dev', root)).toEqual({ ...STAGES.dev, apiRate: 7 });
    writeFileSync(file, '{"apiRate": 7,}');
    expect(() => settingsOf('dev', root)).toThrow(/^infra\/settings\/dev\.json is not JSON: /);
    rmSync(root, { recursive: true });
  });

  it.each(['dev', 'prod'] as const)('%s is shipped as its defaults say', (name) => {
    expect(settingsOf(name)).toEqual(STAGES[name]);
  });

  it('is described for editors; `npm run format` aside, the file is what the schema says', () => {
    const shipped = readFileSync(join(PROJECT_ROOT, 'infra/settings/schema.json'), 'utf8');
    expect(JSON.parse(shipped)).toEqual(JSON.parse(JSON.stringify(settingsSchema())));
  });

  it('has the universe of the documented settings unless it says otherwise', () => {
    for (const { universe } of Object.values(STAGES)) expect(SETTINGS).toMatchObject(universe);
  });

  it('keeps data in prod only, and waits longer there for a burst of drops to end', () => {
    const names = ['local', 'dev', 'prod'] as const;
    expect(names.map((name) => stageSettings(name).keepData)).toEqual([false, false, true]);
    expect(names.map((name) => stageSettings(name).startDelaySeconds)).toEqual([0, 5, 30]);
  });
});
