import { describe, expect, it } from 'vitest';
import { STAGES, stageName, stageSettings } from '../../infra/stages.ts';

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
    [{ corsOrigins: ['trade.example'] }, /stage 'dev' in cdk\.json: corsOrigins\.0: /],
    [{ startDelaySeconds: 3600 }, /startDelaySeconds: .*900/],
    [{ mapConcurrency: '8' }, /mapConcurrency: .*number/],
    [{ apiRates: 10 }, /apiRates/],
    [{ mailFrom: 'somebody' }, /mailFrom: /],
    [{ alertBuses: ['a bus'] }, /alertBuses\.0: /],
    [{ localReceivers: ['127.0.0.1:8644'] }, /localReceivers/],
    [{ LOCAL_RECEIVERS: '127.0.0.1:8644' }, /LOCAL_RECEIVERS/],
    ['fast', /the settings must be an object, not "fast"/],
  ])('says what is wrong with %j', (overrides, message) => {
    expect(() => stageSettings('dev', overrides)).toThrow(message);
  });

  it('keeps data in prod only, and waits longer there for a burst of drops to end', () => {
    const names = ['local', 'dev', 'prod'] as const;
    expect(names.map((name) => stageSettings(name).keepData)).toEqual([false, false, true]);
    expect(names.map((name) => stageSettings(name).startDelaySeconds)).toEqual([0, 5, 30]);
  });
});
