import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { synth } from '../../functions/cli/synth.ts';
import { application, newApp } from '../../infra/app.ts';
import { type Bundles, FUNCTIONS } from '../../infra/bundles.ts';
import type { Crossing } from '../../infra/local/home.ts';
import { readAssembly, type StackTemplate } from '../../infra/local/template/assembly.ts';
import { stageSettings } from '../../infra/stages.ts';
import { outdirOf } from '../infra/templates.ts';
import { heldAgainst, type Spare } from './execution/heldAgainst.ts';
import { liveThrough } from './execution/scenario.ts';

/**
 * The deployed template is executed once, through all that the application can do, and everything that goes from one part to another is
 * recorded. Then the record is held against templates: the same one, and others in which one thing is wrong.
 */

/** What the template offers and no execution here uses. */
const SPARE: readonly Spare[] = [
  { what: / logs:(?:CreateLogStream|PutLogEvents) /, because: 'Lambda itself writes the log, in the name of the role' },
  {
    what: / sqs:(?:ChangeMessageVisibility|GetQueueUrl) /,
    because: 'the CDK lets whoever consumes a queue do these too, whether or not Lambda does',
  },
  {
    what: / s3:AbortMultipartUpload /,
    because: 'objects above 8 MiB only, of which a part failed; tests/ports/objectStore.contract.ts',
  },
  {
    what: / s3:ListBucket /,
    because:
      'S3 says that a key is absent to those alone who may list; what a step needs is there unless somebody deleted it',
  },
  {
    what: /: deliver ses:SendEmail .*identity\/portolan\.example$/,
    because: 'an identity is an address or its domain',
  },
  { what: /variable: \w+ STAGE$/, because: 'for people who look at a function' },
  { what: /variable: \w+ CODE_VERSION$/, because: 'a function is new when its code is; two of them read it too' },
  { what: /variable: \w+ NODE_OPTIONS$/, because: 'Node reads it before any code runs' },
];
/** … and the stages that are traced. */
const TRACES: Spare = {
  what: / xray:\w+ /,
  because: 'Lambda and Step Functions send traces themselves, in the name of the role',
};

let crossings: Crossing[];
let stacks: StackTemplate[];
let templateDir: string;
beforeAll(async () => {
  templateDir = await synth({ stage: 'local' });
  stacks = readAssembly(templateDir);
  crossings = await liveThrough(templateDir);
});

it('all that was done is allowed and arrives, and nothing is there that nobody uses', async () => {
  expect(crossings.length).toBeGreaterThan(500);
  expect(await heldAgainst({ crossings, stacks }, stacks, SPARE)).toEqual({ faults: [], notSpare: [] });
});

/** The template of another stage, with the names of the executed one: those of stacks, from which others follow, and that of the bus. */
function namedAsHere(stage: string): StackTemplate[] {
  const [bus] = resourcesOf('AWS::Events::EventBus');
  return readAssembly(outdirOf(stage)).map((stack) => {
    const named = { ...structuredClone(stack), name: stack.name.replace(`portolan-${stage}-`, 'portolan-local-') };
    for (const { Type, Properties } of Object.values(named.resources as Record<string, Raw>))
      if (Type === 'AWS::Events::EventBus') Properties.Name = bus?.Properties.Name;
    return named;
  });
}

it.each(['dev', 'prod'])('the template of %s allows and connects the same, but for e-mails', async (stage) => {
  const { faults } = await heldAgainst({ crossings, stacks }, namedAsHere(stage), [...SPARE, TRACES]);
  // stages without an address to send from; the local one has an invented one
  expect(faults.filter((fault) => !/ses:SendEmail|identity\/alerts@|variable MAIL_/.test(fault))).toEqual([]);
  expect(faults).not.toEqual([]);
});

describe('shards in executions of their own', () => {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-distributed-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  let distributed: StackTemplate[];
  beforeAll(async () => {
    const bundles = Object.fromEntries(
      FUNCTIONS.map((name) => [name, join(templateDir, 'functions', name)]),
    ) as Bundles;
    const app = newApp(false, { outdir: folder });
    application(app, 'local', bundles, stageSettings('local', { scoreMap: 'distributed' }));
    app.synth();
    distributed = readAssembly(folder);
  });

  it('are a setting with which every execution takes the same way', async () => {
    expect(JSON.stringify(distributed)).toContain('DISTRIBUTED');
    expect((await heldAgainst({ crossings, stacks }, distributed, SPARE)).faults).toEqual([]);
  });

  it('need rights on executions of the machine', async () => {
    const other = structuredClone(distributed);
    for (const { resources } of other)
      for (const [id, { Type, Properties }] of Object.entries(resources as Record<string, Raw>))
        if (Type === 'AWS::IAM::Policy' && id.startsWith('DistributedMap')) Properties.PolicyDocument.Statement.pop();
    const { faults } = await heldAgainst({ crossings, stacks }, other, SPARE);
    expect(faults).toContainEqual(expect.stringMatching(/^score, its distributed map: .*states:StopExecution/));
  });
});

interface Raw {
  Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: a template is as deep as CloudFormation
  Properties: any;
}

/** What does not hold once something in the template is changed. */
async function changed(change: (resources: Readonly<Record<string, Raw>>[]) => void): Promise<string[]> {
  const other = structuredClone(stacks);
  change(other.map(({ resources }) => resources as Record<string, Raw>));
  return (await heldAgainst({ crossings, stacks }, other, SPARE)).faults;
}
const resourcesOf = (type: string) =>
  stacks.flatMap(({ resources }, stack) =>
    Object.entries(resources as Record<string, Raw>)
      .filter(([, { Type }]) => Type === type)
      .map(([id, { Properties }]) => ({ stack, id, Properties })),
  );
/** Changes the properties of the one resource of a type whose logical id begins so. */
const with1 = (type: string, begins: string, change: (properties: Raw['Properties']) => void) =>
  changed((all) => {
    const found = all.flatMap(Object.entries<Raw>).filter(([id, { Type }]) => Type === type && id.startsWith(begins));
    expect(found.map(([id]) => id)).toHaveLength(1);
    change(found[0]?.[1].Properties);
  });

describe('a template in which one thing is wrong does not hold', () => {
  it('any grant taken away', async () => {
    const unnoticed: string[] = [];
    let taken = 0;
    for (const { stack, id, Properties } of resourcesOf('AWS::IAM::Policy')) {
      for (const [at, { Action }] of (
        Properties.PolicyDocument.Statement as { Action: string | string[] }[]
      ).entries()) {
        const actions = [Action].flat();
        // what is spare is not missed
        if (actions.every((action) => /^logs:|AbortMultipart|ListBucket$/.test(action))) continue;
        taken++;
        const faults = await changed((all) => {
          all[stack]?.[id]?.Properties.PolicyDocument.Statement.splice(at, 1);
        });
        if (!faults.some((fault) => /may not/.test(fault))) unnoticed.push(`${id}: ${actions}`);
      }
    }
    expect(taken).toBeGreaterThan(40);
    expect(unnoticed).toEqual([]);
  });

  it('a grant that nobody needs', async () => {
    const faults = await with1('AWS::IAM::Policy', 'ApiRole', ({ PolicyDocument }) => {
      for (const statement of PolicyDocument.Statement)
        if ([statement.Action].flat().includes('dynamodb:GetItem')) statement.Action.push('dynamodb:DeleteItem');
    });
    expect(faults).toEqual([expect.stringMatching(/^unused permission: api dynamodb:DeleteItem on .*Table/)]);
  });

  it('a policy with an element that nobody evaluates', async () => {
    const policy = (change: (statement: Record<string, unknown>) => void) =>
      with1('AWS::IAM::Policy', 'ApiRole', ({ PolicyDocument }) => change(PolicyDocument.Statement[0]));
    const refused = [
      policy((statement) => Object.assign(statement, { NotPrincipal: '*' })),
      policy((statement) => Object.assign(statement, { Effect: 'Perhaps' })),
      policy((statement) => Object.assign(statement, { Resource: ['arn:aws:s3:::home/$', '{aws:username}'].join('') })),
      policy((statement) => Object.assign(statement, { Condition: { NumericLessThan: { 'aws:x': '1' } } })),
      policy((statement) => Object.assign(statement, { Condition: { StringEquals: { 'aws:UserAgent': 'x' } } })),
    ];
    for (const each of refused) await expect(each).rejects.toThrow(/ApiRole.*(?:not implemented|not Allow or Deny)/);
  });

  it('a role that Lambda may not take', async () => {
    const faults = await with1('AWS::IAM::Role', 'ScoreRole', ({ AssumeRolePolicyDocument }) => {
      AssumeRolePolicyDocument.Statement[0].Principal = { Service: 'ec2.amazonaws.com' };
    });
    expect(faults).toEqual([expect.stringMatching(/^score: its role .* does not trust Lambda$/)]);
  });

  it('any variable misspelt', async () => {
    const house = ['STAGE', 'CODE_VERSION', 'NODE_OPTIONS'];
    const unnoticed: string[] = [];
    for (const { stack, id, Properties } of resourcesOf('AWS::Lambda::Function')) {
      for (const name of Object.keys(Properties.Environment.Variables)) {
        if (house.includes(name)) continue;
        const faults = await changed((all) => {
          const { Variables } = all[stack]?.[id]?.Properties.Environment ?? {};
          Variables[`${name}S`] = Variables[name];
          delete Variables[name];
        });
        const told = [`asks for the variable ${name}, which is not set`, `unused variable: \\w+ ${name}S$`];
        if (!told.every((what) => faults.some((fault) => new RegExp(what).test(fault))))
          unnoticed.push(`${id} ${name}`);
      }
    }
    expect(unnoticed).toEqual([]);
  });

  it('a variable that names another bucket', async () => {
    const faults = await with1('AWS::Lambda::Function', 'ScoreFunction', ({ Environment: { Variables } }) => {
      Variables.LAKE_BUCKET = Variables.ARTIFACTS_BUCKET;
    });
    expect(faults).toEqual([
      expect.stringMatching(/^score uses arn:aws:s3:::.*lake.*, which none of its variables names$/),
    ]);
  });

  it.each([
    ['DropArrived', { detail: { object: { key: [{ prefix: 'drop/' }] } } }, /aws\.s3 Object Created reaches nobody/],
    ['DatasetIngested', { 'detail-type': ['dataset.injested'] }, /dataset\.ingested reaches nobody/],
    ['RunEnded', { detail: { status: ['SUCCEEDED'] } }, /Status Change reaches nobody/],
    ['RunEnded', { detail: { status: [{ 'anything-but': ['RUNNED'] }] } }, /Status Change reaches .*, not nobody/],
    ['ScoresPublished', { source: ['portolan.'] }, /scores\.published reaches nobody/],
    ['MailCameBack', { source: ['aws.sqs'] }, /aws\.ses Email Bounced reaches nobody/],
  ])('the pattern of %s changed to have %o', async (rule, part, expected) => {
    const faults = await with1('AWS::Events::Rule', rule, ({ EventPattern }) => {
      const { detail, ...rest } = part as { detail?: object };
      Object.assign(EventPattern, rest);
      EventPattern.detail = { ...EventPattern.detail, ...detail };
    });
    expect(faults).toContainEqual(expect.stringMatching(expected));
  });

  it('a rule on the wrong bus, one switched off, one that leads elsewhere', async () => {
    const moved = await with1('AWS::Events::Rule', 'ScoresPublished', (rule) => {
      delete rule.EventBusName;
    });
    expect(moved).toContainEqual(expect.stringMatching(/scores\.published reaches nobody/));
    const off = await with1('AWS::Events::Rule', 'DropArrived', (rule) => {
      rule.State = 'DISABLED';
    });
    expect(off).toContainEqual(expect.stringMatching(/Object Created reaches nobody/));
    const [match] = resourcesOf('AWS::Events::Rule').filter(({ id }) => id.startsWith('ScoresPublished'));
    const astray = await with1('AWS::Events::Rule', 'DatasetIngested', (rule) => {
      rule.Targets = match?.Properties.Targets;
    });
    expect(astray).toContainEqual(expect.stringMatching(/dataset\.ingested reaches .*Match.*, not .*Start/));
  });

  it('a queue that feeds nobody, or another function', async () => {
    const gone = await changed((all) => {
      for (const resources of all)
        for (const [id, { Type }] of Object.entries(resources))
          if (Type === 'AWS::Lambda::EventSourceMapping' && id.startsWith('IngestFunction'))
            delete (resources as Record<string, Raw>)[id];
    });
    expect(gone).toContainEqual(expect.stringMatching(/IngestQueue\w+ does not feed ingest/));
    const [start] = resourcesOf('AWS::Lambda::Function').filter(({ id }) => id.startsWith('StartFunction'));
    const other = await with1('AWS::Lambda::EventSourceMapping', 'IngestFunction', (mapping) => {
      mapping.FunctionName = { Ref: start?.id };
    });
    expect(other).toContainEqual(expect.stringMatching(/IngestQueue\w+ does not feed ingest/));
  });

  it.each([
    ['a step less', '"Next":"changes"', '"End":true', /no longer invokes changes/],
    ['another list', '"ItemsPath":"$.shards"', '"ItemsPath":"$.shard"', /was SUCCEEDED is FAILED/],
    ['a misspelt field', '"slot.$":"$.slot"', '"slots.$":"$.slot"', /invokes publish with .*slots.*, as it did not/],
    ['a path that is not there', '"run.$":"$.run"', '"run.$":"$.runs"', /was SUCCEEDED is FAILED/],
    [
      'no way out',
      '"ErrorEquals":["States.ALL"],"Next":"WithoutBacktest"',
      '"ErrorEquals":["X"],"Next":"WithoutBacktest"',
      /was SUCCEEDED is FAILED/,
    ],
  ])('a state machine with %s', async (_, before, after, expected) => {
    const faults = await with1('AWS::StepFunctions::StateMachine', 'ScoreMachine', (machine) => {
      const text = JSON.stringify(machine.DefinitionString);
      const escaped = (part: string) => JSON.stringify(part).slice(1, -1);
      expect(text).toContain(escaped(before));
      machine.DefinitionString = JSON.parse(text.replaceAll(escaped(before), escaped(after)));
    });
    expect(faults).toContainEqual(expect.stringMatching(expected));
  });

  it('a route that is misspelt, and one that no question takes', async () => {
    const faults = await changed((all) => {
      for (const resources of all)
        for (const { Type, Properties } of Object.values(resources))
          if (Type === 'AWS::ApiGateway::Resource' && Properties.PathPart === 'opportunities')
            Properties.PathPart = 'oportunities';
    });
    expect(faults).toContainEqual(
      'GET /v1/opportunities?exporter=MEX is taken by no route, not by /v1/opportunities (api)',
    );
    expect(faults).toContainEqual(expect.stringMatching(/^unused route: .* \/v1\/oportunities$/));
  });
});
