import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { costLines, costTables, HOUSE, PRICES, SIZES, totalOf } from '../../infra/cost.ts';
import { templates } from './templates.ts';

const prod = templates('prod');

it('the page says what the script prints', () => {
  const page = readFileSync(new URL('../../infra/COST.md', import.meta.url), 'utf8');
  expect(page).toContain(costTables());
});

it('what every deployment has is what the template of prod has', () => {
  expect(prod.ofType('AWS::CloudWatch::Alarm')).toHaveLength(HOUSE.alarms);
  expect(prod.ofType('AWS::Lambda::EventSourceMapping')).toHaveLength(HOUSE.queuesWithWorkers);
  expect(prod.ofType('AWS::CloudWatch::Dashboard')).toHaveLength(HOUSE.dashboards);
  const perMonth = prod
    .ofType('AWS::Events::Rule')
    .map(({ Properties }) => /^rate\((\d+) minutes?\)$/.exec(Properties.ScheduleExpression ?? '')?.[1])
    .reduce((sum, every) => sum + (every ? (60 * 24 * 30) / Number(every) : 0), 0);
  expect(perMonth).toBe(HOUSE.scheduled);
  // another price for each second, and none for keys and secrets
  for (const { Properties } of prod.ofType('AWS::Lambda::Function'))
    expect(Properties.Architectures).toEqual(['arm64']);
  for (const type of ['AWS::KMS::Key', 'AWS::SecretsManager::Secret', 'AWS::WAFv2::WebACL', 'AWS::EC2::NatGateway'])
    expect(prod.ofType(type)).toHaveLength(0);
});

it('a line is its parts times their prices, and a total its lines', () => {
  const lines = costLines(SIZES[0]!);
  const watching = lines.find(({ what }) => what === 'watching')!;
  expect(watching.usd).toBeCloseTo(55 * 0.1 + 6 * 0.3 + 0.21 * 0.5, 10);
  expect(lines[0]!.usd).toBeCloseTo(2 * 241_344 * PRICES.dynamoWriteUnit, 10);
  expect(totalOf(lines)).toBeCloseTo(
    lines.reduce((sum, { usd }) => sum + usd, 0),
    10,
  );
});

it('more is dearer', () => {
  const totals = SIZES.map((size) => totalOf(costLines(size)));
  expect([...totals].sort((a, b) => a - b)).toEqual(totals);
  for (const part of ['runs', 'lakeGb', 'questions', 'mails'] as const) {
    const twice = { ...SIZES[1]!, [part]: 2 * SIZES[1]![part] };
    expect(totalOf(costLines(twice)), part).toBeGreaterThan(totals[1]!);
  }
});
