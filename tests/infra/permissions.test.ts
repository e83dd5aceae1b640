import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { templates } from './templates.ts';

const HOUSE = ['STAGE', 'CODE_VERSION', 'POWERTOOLS_SERVICE_NAME', 'LOG_LEVEL', 'NODE_OPTIONS'];
/** variables that name no resource */
const SETTINGS = ['CORS_ORIGINS', 'UNIVERSE', 'MAIL_FROM', 'ALERT_BUSES', 'CHANNELS'];
/** variables of what a stage may do without */
const OPTIONAL = ['MAIL_FROM', 'MAIL_CONFIGURATION_SET', 'ALERT_BUSES'];

/** function → the variables that lib/README.md promises it */
function documented(): Map<string, string[]> {
  const readme = readFileSync(join(import.meta.dirname, '../../lib/README.md'), 'utf8');
  const rows = readme.matchAll(/^\| ([a-z, ]+) \| [^|]+ \| (`[A-Z_]+`(?: `[A-Z_]+`)*) \|$/gm);
  return new Map(
    [...rows].flatMap(([, names = '', variables = '']) =>
      names
        .split(', ')
        .map((name) => [name, [...variables.matchAll(/[A-Z_]+/g)].map(([variable]) => variable)] as const),
    ),
  );
}

const stage = templates('prod');
const { functions, ofType, target, text, statements } = stage;
const named = [...functions].map(([name, lambda]) => ({ name, ...lambda }));

describe('every policy', () => {
  const all = ofType('AWS::IAM::Policy').flatMap(({ id, Properties }) =>
    statements(Properties.PolicyDocument).map((statement) => ({ id, ...statement })),
  );

  it('allows actions by their names', () => {
    expect(
      all.flatMap(({ id, actions }) => actions.filter((action) => action.includes('*')).map((a) => `${id}: ${a}`)),
    ).toEqual([]);
    expect(all.filter((statement) => 'NotAction' in statement || 'NotResource' in statement)).toEqual([]);
  });

  it('names its resources; the wildcards are these and no more', () => {
    const wild = all.flatMap(({ id, resources }) =>
      resources
        // what X-Ray asks for is a test of its own, below
        .filter((resource) => resource.includes('*') && resource !== '*')
        .map((resource) => `${id.replace(/Role.*/, '')} ${resource}`),
    );
    const [drops, lake, artifacts] = ['<Drops4D66B0FE.Arn>', '<Lake5F1B88EA.Arn>', '<Artifacts82DD59A1.Arn>'];
    // Objects under a prefix; the executions of the machine, whose names are not known in advance.
    const executions = expect.stringMatching(/:execution:<ScoreMachine[^>]+>:\*$/);
    expect([...new Set(wild)].sort()).toEqual([
      `Backtest ${artifacts}/runs/*`,
      `Backtest ${lake}/curated/*`,
      `Changes ${artifacts}/runs/*`,
      `Changes ${lake}/curated/*`,
      `Complexity ${artifacts}/runs/*`,
      `Entry ${artifacts}/runs/*`,
      `Gravity ${artifacts}/runs/*`,
      `Ingest ${drops}/drops/*`,
      `Ingest ${lake}/curated/*`,
      `Ingest ${lake}/curated/countries/*`,
      `Ingest ${lake}/rejects/*`,
      `Match ${artifacts}/alerts/*`,
      `Match ${artifacts}/runs/*`,
      `Noise ${artifacts}/runs/*`,
      `Plan ${artifacts}/runs/*`,
      `Plan ${lake}/curated/*`,
      `Publish ${artifacts}/runs/*`,
      `Score ${artifacts}/runs/*`,
      `Score ${lake}/curated/*`,
      executions,
      `Tabulate ${lake}/curated/published/*`,
      `Tabulate ${lake}/curated/scores/*`,
    ]);
  });

  it('is about all resources for tracing only, where AWS knows no resources', () => {
    const onAll = all.filter(({ resources }) => resources.includes('*')).flatMap(({ actions }) => actions);
    expect([...new Set(onAll)].sort()).toEqual([
      'xray:GetSamplingRules',
      'xray:GetSamplingTargets',
      'xray:PutTelemetryRecords',
      'xray:PutTraceSegments',
    ]);
  });

  it('is written here: no role carries a managed one', () => {
    for (const { id, Properties } of ofType('AWS::IAM::Role')) {
      expect(Properties.ManagedPolicyArns, id).toBeUndefined();
    }
  });
});

describe.each(named)('function $name', ({ name, variables, grants }) => {
  const own = Object.entries(variables).filter(([variable]) => !HOUSE.includes(variable));

  it('has the variables that the architecture document promises', () => {
    const has = own.map(([variable]) => variable);
    const promised = documented().get(name) ?? [];
    expect(promised).toEqual(expect.arrayContaining(has));
    expect(promised.filter((variable) => !has.includes(variable) && !OPTIONAL.includes(variable))).toEqual([]);
  });

  it('may use each resource that a variable names', () => {
    for (const [variable, value] of own.filter(([each]) => !SETTINGS.includes(each))) {
      const resource = target(value);
      expect(resource, variable).toBeDefined();
      const granted = grants.filter(({ resources }) => resources.some((of) => target(of) === resource));
      expect(
        granted.flatMap(({ actions }) => actions),
        `${variable} names ${resource}`,
      ).not.toEqual([]);
    }
  });

  it('may use no other, but for its log and the queue that feeds it', () => {
    const lent = own.map(([, value]) => target(value));
    const mapped = ofType('AWS::Lambda::EventSourceMapping')
      .filter(({ Properties }) => functions.get(name)?.id === target(Properties.FunctionName))
      .map(({ Properties }) => target(Properties.EventSourceArn));
    const log = target(functions.get(name)?.Properties.LoggingConfig.LogGroup);
    const granted = grants.flatMap(({ resources }) => resources.map(target));
    // undefined: all resources, which the list above has
    expect(granted.filter((resource) => resource && ![...lent, ...mapped, log].includes(resource))).toEqual([]);
  });
});

it('the api can read the table and do nothing else', () => {
  const actions = functions.get('api')?.grants.flatMap((grant) => grant.actions);
  expect(actions?.filter((action) => !/^(logs|xray):/.test(action)).sort()).toEqual([
    'dynamodb:BatchGetItem',
    'dynamodb:GetItem',
    'dynamodb:Query',
  ]);
});

it('only those who give back the lease or keep alerts can take items away', () => {
  const deleting = named.filter(({ grants }) => grants.some(({ actions }) => actions.includes('dynamodb:DeleteItem')));
  expect(deleting.map(({ name }) => name).sort()).toEqual([
    'deliver',
    'due',
    'fail',
    'feedback',
    'match',
    'publish',
    'start',
    'subscriptions',
  ]);
});

it('nobody can delete objects, or write to what people dropped', () => {
  for (const { name, grants } of named) {
    const actions = grants.flatMap((grant) => grant.actions);
    expect(
      actions.filter((action) => /^s3:Delete/.test(action)),
      name,
    ).toEqual([]);
    const writes = grants
      .filter((grant) => grant.actions.includes('s3:PutObject'))
      .flatMap(({ resources }) => resources);
    expect(
      writes.filter((resource) => resource.startsWith('<Drops')),
      name,
    ).toEqual([]);
  }
});

it('each role is assumed by its own service', () => {
  for (const { id, Properties } of ofType('AWS::IAM::Role')) {
    const service = id.startsWith('ScoreMachine') ? 'states.amazonaws.com' : 'lambda.amazonaws.com';
    const [statement, ...others] = Properties.AssumeRolePolicyDocument.Statement;
    expect(others).toEqual([]);
    expect(statement, id).toMatchObject({ Action: 'sts:AssumeRole', Principal: { Service: service } });
  }
});

it('the machine may invoke its steps and nothing else', () => {
  const [machine] = ofType('AWS::StepFunctions::StateMachine');
  const granted = stage
    .grants(machine?.Properties.RoleArn)
    .filter(({ actions }) => !actions.every((action) => action.startsWith('xray:')));
  expect(granted.flatMap(({ actions }) => actions)).toEqual(['lambda:InvokeFunction']);
  const steps = [
    'plan',
    'complexity',
    'gravity',
    'entry',
    'score',
    'publish',
    'changes',
    'tabulate',
    'noise',
    'backtest',
    'fail',
  ].map((step) => functions.get(step)?.id);
  expect(granted.flatMap(({ resources }) => resources).sort()).toEqual(steps.map((id) => `<${id}.Arn>`).sort());
  const definition = text(machine?.Properties.DefinitionString);
  for (const id of steps) expect(definition).toContain(`<${id}.Arn>`);
});

describe('a stage with an address for e-mails', () => {
  const { functions: all, ofType: local, target: to } = templates('local');

  it('lets deliver send from it, and nobody else', () => {
    const [set] = local('AWS::SES::ConfigurationSet');
    const sending = [...all].filter(([, { grants }]) =>
      grants.some(({ actions }) => actions.includes('ses:SendEmail')),
    );
    expect(sending.map(([name]) => name)).toEqual(['deliver']);
    const { grants, variables } = all.get('deliver')!;
    const resources = grants
      .filter(({ actions }) => actions.includes('ses:SendEmail'))
      .flatMap((each) => each.resources);
    expect(resources.map((resource) => resource.split(':').at(-1))).toEqual([
      'identity/alerts@portolan.example',
      'identity/portolan.example',
      `configuration-set/<${set?.id}>`,
    ]);
    expect(to(variables.MAIL_CONFIGURATION_SET)).toBe(set?.id);
  });

  it('hears of bounces and complaints, and of nothing else, on the bus where the rule listens', () => {
    const [destination] = local('AWS::SES::ConfigurationSetEventDestination');
    const { MatchingEventTypes, EventBridgeDestination } = destination?.Properties.EventDestination ?? {};
    expect(MatchingEventTypes).toEqual(['bounce', 'complaint']);
    expect(JSON.stringify(EventBridgeDestination.EventBusArn)).toContain('event-bus/default');
  });
});

it('no template lets webhooks go to a machine of its own network', () => {
  for (const stage of ['local', 'dev', 'prod'])
    for (const [name, { variables }] of templates(stage).functions)
      expect(Object.keys(variables), `${stage} ${name}`).not.toContain('LOCAL_RECEIVERS');
});
