import { describe, expect, it } from 'vitest';
import { templates, withSettings } from './templates.ts';

/** What each setting of a stage does to its templates, and that the security rules hold whatever is set. */

const DOMAIN = {
  name: 'api.trade.example',
  certificateArn: 'arn:aws:acm:eu-central-1:111122223333:certificate/0a1b2c3d',
};

describe('reads with keys', () => {
  const { ofType, target, violations } = withSettings('prod', { reads: 'keyed', keyRequestsPerDay: 500 });
  const methods = ofType('AWS::ApiGateway::Method').map(({ Properties }) => Properties);

  it('every question needs a key; a preflight, the sign of life and links in e-mails do not', () => {
    const open = methods.filter(({ ApiKeyRequired }) => !ApiKeyRequired);
    const health = open.filter(({ HttpMethod }) => HttpMethod === 'ANY');
    expect(
      health.map(({ ResourceId }) => /health|confirm|unsubscribe/.exec(target(ResourceId) ?? '')?.[0]).sort(),
    ).toEqual(['confirm', 'health', 'unsubscribe']);
    expect([...new Set(open.map(({ HttpMethod }) => HttpMethod))].sort()).toEqual(['ANY', 'OPTIONS']);
    expect(methods.filter(({ ApiKeyRequired }) => ApiKeyRequired).length).toBeGreaterThan(10);
  });

  it('a plan limits each key, and its value is in no template', () => {
    const [plan] = ofType('AWS::ApiGateway::UsagePlan');
    expect(plan?.Properties.Throttle).toEqual({ RateLimit: 200, BurstLimit: 400 });
    expect(plan?.Properties.Quota).toEqual({ Limit: 500, Period: 'DAY' });
    const [stage] = plan?.Properties.ApiStages ?? [];
    expect(target(stage.Stage)).toBe(ofType('AWS::ApiGateway::Stage')[0]?.id);
    const [key] = ofType('AWS::ApiGateway::ApiKey');
    expect(key?.Properties.Value).toBeUndefined();
    const [bound] = ofType('AWS::ApiGateway::UsagePlanKey');
    expect([target(bound?.Properties.KeyId), target(bound?.Properties.UsagePlanId)]).toEqual([key?.id, plan?.id]);
  });

  it('breaks no rule', () => expect(violations).toEqual([]));
});

it('open reads have no keys', () => {
  for (const stage of ['local', 'dev', 'prod']) {
    const { ofType } = templates(stage);
    expect(ofType('AWS::ApiGateway::Method').filter(({ Properties }) => Properties.ApiKeyRequired)).toEqual([]);
    expect(ofType('AWS::ApiGateway::UsagePlan')).toEqual([]);
  }
});

it('a web ACL stands before the API, and stops one address before it uses up what all may ask', () => {
  const { ofType, target, text, violations } = withSettings('prod', { waf: true });
  const [acl] = ofType('AWS::WAFv2::WebACL');
  const [tie] = ofType('AWS::WAFv2::WebACLAssociation');
  expect(target(tie?.Properties.WebACLArn)).toBe(acl?.id);
  expect(text(tie?.Properties.ResourceArn)).toContain(
    `/restapis/<${ofType('AWS::ApiGateway::RestApi')[0]?.id}>/stages/`,
  );
  const [first] = acl?.Properties.Rules ?? [];
  // 200 requests a second are 60,000 in five minutes
  expect(first.Statement.RateBasedStatement).toMatchObject({ AggregateKeyType: 'IP', Limit: 30_000 });
  expect(first.Action).toEqual({ Block: {} });
  expect(violations).toEqual([]);
});

it('an own domain leads to the API, by TLS 1.2 at least', () => {
  const { ofType, target, violations } = withSettings('dev', { domain: DOMAIN });
  const [domain] = ofType('AWS::ApiGateway::DomainName');
  expect(domain?.Properties).toMatchObject({
    DomainName: DOMAIN.name,
    RegionalCertificateArn: DOMAIN.certificateArn,
    SecurityPolicy: 'TLS_1_2',
  });
  const [mapping] = ofType('AWS::ApiGateway::BasePathMapping');
  expect(target(mapping?.Properties.RestApiId)).toBe(ofType('AWS::ApiGateway::RestApi')[0]?.id);
  expect(violations).toEqual([]);
});

it('a network holds every function, and lets it in', () => {
  const network = { subnetIds: ['subnet-0a', 'subnet-0b'], securityGroupIds: ['sg-0c'] };
  const { functions, violations } = withSettings('dev', { network });
  for (const [name, { Properties, grants }] of functions) {
    expect(Properties.VpcConfig, name).toEqual({ SubnetIds: network.subnetIds, SecurityGroupIds: ['sg-0c'] });
    expect(
      grants.flatMap(({ actions }) => actions),
      name,
    ).toContain('ec2:CreateNetworkInterface');
  }
  expect(violations).toEqual([]);
  for (const [, { Properties }] of templates('dev').functions) expect(Properties.VpcConfig).toBeUndefined();
});

it.each(['arm64', 'x86_64'] as const)('functions on %s have a layer for it', (architecture) => {
  const { functions, ofType } = withSettings('dev', { architecture });
  for (const [, { Properties }] of functions) expect(Properties.Architectures).toEqual([architecture]);
  expect(ofType('AWS::Lambda::LayerVersion')[0]?.Properties.CompatibleArchitectures).toEqual([architecture]);
});

it('tracing is on in functions, API and machine, or in none', () => {
  for (const tracing of [true, false]) {
    const { functions, ofType, violations } = withSettings('dev', { tracing });
    const [stage] = ofType('AWS::ApiGateway::Stage');
    const [machine] = ofType('AWS::StepFunctions::StateMachine');
    const modes = [...functions.values()].map(({ Properties }) => Properties.TracingConfig?.Mode === 'Active');
    expect([...new Set(modes)]).toEqual([tracing]);
    expect(stage?.Properties.TracingEnabled ?? false).toBe(tracing);
    expect(machine?.Properties.TracingConfiguration?.Enabled ?? false).toBe(tracing);
    expect(violations).toEqual([]);
  }
});

it('the universe reaches every step that draws it, and a run is named by it', () => {
  const universe = { minimumExportsUsd: 5e8, minimumTradeUsd: 1e6, floorUsd: 1000 };
  const { functions } = withSettings('dev', { universe });
  const told = [...functions].filter(([, { variables }]) => variables.UNIVERSE === JSON.stringify(universe));
  expect(told.map(([name]) => name).sort()).toEqual(['changes', 'complexity', 'score', 'start']);
});
