import { describe, expect, test } from 'vitest';
import { type BusEvent, compilePattern } from '../../infra/local/events/pattern.ts';
import { compileSchedule } from '../../infra/local/events/schedule.ts';
import { compileInput } from '../../infra/local/events/targetInput.ts';

const event = (detail: unknown): BusEvent => ({
  version: '0',
  id: 'e-1',
  'detail-type': 'Object Created',
  source: 'aws.s3',
  account: '000000000000',
  time: '2026-11-23T10:00:00Z',
  region: 'us-east-1',
  resources: ['arn:a', 'arn:b'],
  detail,
});

describe('event patterns', () => {
  const matches = (pattern: unknown, detail: unknown = {}) => compilePattern(pattern, 'rule')(event(detail));

  test.each([
    ['a literal', { source: ['aws.s3', 'other'] }, {}, true],
    ['every field has to match', { source: ['aws.s3'], account: ['1'] }, {}, false],
    ['a number is not its text', { detail: { n: [5] } }, { n: '5' }, false],
    ['null', { detail: { n: [null] } }, { n: null }, true],
    ['null is not absence', { detail: { n: [null] } }, {}, false],
    ['prefix', { detail: { key: [{ prefix: 'drops/' }] } }, { key: 'drops/a' }, true],
    ['prefix of something else', { detail: { key: [{ prefix: 'drops/' }] } }, { key: 'a/drops/' }, false],
    ['suffix', { detail: { key: [{ suffix: '.csv' }] } }, { key: 'a.csv' }, true],
    ['without regard to case', { detail: { key: [{ 'equals-ignore-case': 'ABC' }] } }, { key: 'aBc' }, true],
    ['wildcard', { detail: { key: [{ wildcard: 'a/*/c*' }] } }, { key: 'a/b/b2/cd' }, true],
    ['a wildcard is anchored', { detail: { key: [{ wildcard: 'a/*/c' }] } }, { key: 'a/b/cd' }, false],
    ['exists', { detail: { key: [{ exists: true }] } }, { key: null }, true],
    ['does not exist', { detail: { key: [{ exists: false }] } }, {}, true],
    ['exists but should not', { detail: { key: [{ exists: false }] } }, { key: 1 }, false],
    ['numeric range', { detail: { n: [{ numeric: ['>', 0, '<=', 5] }] } }, { n: 5 }, true],
    ['outside a numeric range', { detail: { n: [{ numeric: ['>', 0, '<=', 5] }] } }, { n: 0 }, false],
    ['anything but', { detail: { s: [{ 'anything-but': ['a', 'b'] }] } }, { s: 'c' }, true],
    ['anything but, and it is', { detail: { s: [{ 'anything-but': 'a' }] } }, { s: 'a' }, false],
    ['anything but is not absence', { detail: { s: [{ 'anything-but': 'a' }] } }, {}, false],
    ['anything but a prefix', { detail: { s: [{ 'anything-but': { prefix: 'x' } }] } }, { s: 'xy' }, false],
    ['any item of a list', { resources: ['arn:b'] }, {}, true],
    ['a field of objects in a list', { detail: { all: { id: [2] } } }, { all: [{ id: 1 }, { id: 2 }] }, true],
    ['$or', { $or: [{ source: ['x'] }, { detail: { n: [1] } }] }, { n: 1 }, true],
    ['$or of what does not match', { $or: [{ source: ['x'] }, { detail: { n: [1] } }] }, { n: 2 }, false],
  ])('%s', (_, pattern, detail, expected) => {
    expect(matches(pattern, detail)).toBe(expected);
  });

  test('an operator that is not implemented stops the home', () => {
    expect(() => compilePattern({ detail: { ip: [{ cidr: '10.0.0.0/24' }] } }, 'Rule')).toThrow(
      'Rule: the condition {"cidr":"10.0.0.0/24"} on detail.ip is not implemented',
    );
  });
});

describe('what a rule hands on', () => {
  const target = { arn: '', roleArn: null, input: null, inputPath: null, transformer: null };
  const detail = { object: { key: 'a "b"', size: 3 } };

  test('the event, a constant, or a part', () => {
    expect(JSON.parse(compileInput(target, 'r')(event(detail)))).toEqual(event(detail));
    expect(compileInput({ ...target, input: '{"x":1}' }, 'r')(event(detail))).toBe('{"x":1}');
    expect(compileInput({ ...target, inputPath: '$.detail.object' }, 'r')(event(detail))).toBe(
      JSON.stringify(detail.object),
    );
  });

  test('a template: values stand for themselves, and for text inside quotes', () => {
    const transformer = {
      paths: { key: '$.detail.object.key', object: '$.detail.object' },
      template: '{"key":<key>,"object":<object>,"text":"key <key> in <object>","absent":<aws.events.event.json>}',
    };
    const filled = compileInput({ ...target, transformer }, 'r')(event(detail));
    expect(JSON.parse(filled)).toEqual({
      key: 'a "b"',
      object: detail.object,
      text: `key a "b" in ${JSON.stringify(detail.object)}`,
      absent: event(detail),
    });
  });

  test('a placeholder that nothing defines stops the home', () => {
    const transformer = { paths: {}, template: '<nothing>' };
    expect(() => compileInput({ ...target, transformer }, 'Rule')).toThrow('Rule: the placeholder <nothing>');
  });
});

describe('schedules', () => {
  const next = (expression: string, after: string) =>
    new Date(compileSchedule(expression, 'rule')(Date.parse(after)) ?? Number.NaN).toISOString();

  test.each([
    ['rate(5 minutes)', '2026-01-01T00:00:30Z', '2026-01-01T00:05:30.000Z'],
    ['rate(1 day)', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00.000Z'],
    ['cron(0/15 * * * ? *)', '2026-01-01T00:01:00Z', '2026-01-01T00:15:00.000Z'],
    ['cron(30 6 1 * ? *)', '2026-01-15T00:00:00Z', '2026-02-01T06:30:00.000Z'],
    ['cron(0 8 ? * MON-FRI *)', '2026-11-20T09:00:00Z', '2026-11-23T08:00:00.000Z'],
    ['cron(0 0 1 JAN,JUL ? 2027)', '2026-11-20T09:00:00Z', '2027-01-01T00:00:00.000Z'],
  ])('%s after %s', (expression, after, expected) => {
    expect(next(expression, after)).toBe(expected);
  });

  test('a year that is over never comes again', () => {
    expect(compileSchedule('cron(0 0 1 1 ? 2020)', 'rule')(Date.parse('2026-01-01'))).toBeNull();
  });

  test.each(['rate(5 fortnights)', 'cron(0 0 L * ? *)', 'at(2026-01-01T00:00:00)'])(
    '%s stops the home',
    (expression) => {
      expect(() => compileSchedule(expression, 'Rule')).toThrow('is not implemented by the local home');
    },
  );
});
