// biome-ignore-all lint/suspicious/noTemplateCurlyInString: substitutions of CloudFormation look like those of JavaScript
import { afterEach, describe, expect, test } from 'vitest';
import { collectGrants } from '../../infra/local/access/grants.ts';
import { checkWiring } from '../../infra/local/access/wiring.ts';
import { readDefinition } from '../../infra/local/states/definition.ts';
import { readAssembly } from '../../infra/local/template/assembly.ts';
import { blueprint } from '../../infra/local/template/blueprint.ts';
import { resolveStacks } from '../../infra/local/template/intrinsics.ts';
import { checkSupported } from '../../infra/local/template/supported.ts';
import { type Application, application, removeFolder, synthesised } from './fixtures/application.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) removeFolder(folder);
});

/** Everything that a home does with a template before it starts anything. */
function read(change: (app: Application) => void = () => undefined) {
  const app = application();
  change(app);
  const folder = synthesised(app);
  folders.push(folder);
  const stacks = readAssembly(folder);
  const { resources, outputs } = resolveStacks(stacks, 'http://here');
  checkSupported(resources);
  const plan = blueprint(resources, stacks);
  const grants = collectGrants(resources);
  const machines = plan.machines.map((machine) => ({
    plan: machine,
    definition: readDefinition(machine.definition, machine.label),
  }));
  checkWiring(plan, machines, grants);
  return { plan, outputs, grants };
}

describe('names and intrinsic functions', () => {
  test('names follow from stack and logical id, and references between stacks meet', () => {
    const { plan, outputs } = read();
    expect(plan.buckets).toEqual([
      { name: 'tiny-data-drops', arn: 'arn:aws:s3:::tiny-data-drops', raisesEvents: true },
    ]);
    expect(plan.functions.find(({ label }) => label === 'work')?.variables).toEqual({
      TABLE: 'tiny-data-Table',
      DROPS: 'tiny-data-drops',
    });
    expect(plan.queues.map(({ url }) => url)).toContain('http://here/000000000000/tiny-service-Queue');
    expect(outputs.Place).toBe('us-east-1/arn:aws:dynamodb:us-east-1:000000000000:table/tiny-data-Table');
  });

  test('conditions decide which resources and values there are', () => {
    expect(read().outputs.Answer).toBe('here');
    const elsewhere = read(({ data }) => {
      data.Conditions.IsLocal = { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'eu-west-3'] };
    });
    expect(elsewhere.plan.buckets.map(({ name }) => name)).toEqual(['tiny-data-drops', 'tiny-data-elsewhere']);
  });

  test.each([
    ['Fn::Join', { 'Fn::Join': ['-', ['a', { Ref: 'AWS::Partition' }]] }, 'a-aws'],
    [
      'Fn::Sub with values of its own',
      { 'Fn::Sub': ['${X}/${!Y}/${Bus}', { X: { Ref: 'Table' } }] },
      'tiny-data-Table/${Y}/tiny-bus',
    ],
    ['Fn::Select of Fn::Split', { 'Fn::Select': [1, { 'Fn::Split': ['.', 'a.b.c'] }] }, 'b'],
    ['Fn::Base64', { 'Fn::Base64': 'abc' }, 'YWJj'],
  ])('%s', (_, Value, expected) => {
    const { outputs } = read(({ data }) => {
      data.Outputs.Test = { Value };
    });
    expect(outputs.Test).toBe(expected);
  });

  test('a state machine gets its substitutions', () => {
    const { plan } = read();
    expect(plan.machines[0]?.definition).toContain(
      '"arn:aws:lambda:us-east-1:000000000000:function:tiny-service-StepFunction"',
    );
  });
});

describe('what is not implemented stops the home, named', () => {
  const cases: [string, (app: Application) => void, string][] = [
    [
      'a resource type',
      ({ service }) => {
        service.Resources.Stream = { Type: 'AWS::Kinesis::Stream', Properties: {} };
      },
      'tiny-service/Stream (AWS::Kinesis::Stream): this resource type is not implemented',
    ],
    [
      'a property',
      ({ service }) => {
        service.Resources.Queue.Properties.FifoQueue = true;
      },
      'tiny-service/Queue (AWS::SQS::Queue): property FifoQueue is not implemented',
    ],
    [
      'a property inside a property',
      ({ service }) => {
        service.Resources.Arrived.Properties.Targets[0].SqsParameters = { MessageGroupId: 'x' };
      },
      'tiny-service/Arrived (AWS::Events::Rule): property Targets.SqsParameters is not implemented',
    ],
    [
      'a value',
      ({ data }) => {
        data.Resources.Table.Properties.BillingMode = 'PROVISIONED';
      },
      'tiny-data/Table (AWS::DynamoDB::Table): property BillingMode is "PROVISIONED"',
    ],
    [
      'an attribute of the resource itself',
      ({ service }) => {
        service.Resources.Queue.CreationPolicy = {};
      },
      'tiny-service/Queue (AWS::SQS::Queue): CreationPolicy is not implemented',
    ],
    [
      'a section',
      ({ service }) => {
        Object.assign(service, { Transform: 'AWS::Serverless-2016-10-31' });
      },
      'section Transform is not implemented',
    ],
    [
      'an intrinsic function',
      ({ service }) => {
        service.Outputs.Zones = { Value: { 'Fn::GetAZs': '' } };
      },
      'tiny-service/output Zones: Fn::GetAZs is not implemented',
    ],
    [
      'an attribute of Fn::GetAtt',
      ({ data }) => {
        data.Outputs.Stream = { Value: { 'Fn::GetAtt': ['Table', 'StreamArn'] } };
      },
      'attribute StreamArn of Table (AWS::DynamoDB::Table) is not implemented',
    ],
    [
      'a field of a state',
      ({ machine }) => {
        machine.States.first.Assign = { x: 1 };
      },
      'the state machine machine, state first: the field Assign is not implemented',
    ],
    [
      'a field of a state inside a Map',
      ({ machine }) => {
        machine.States.each.ItemProcessor.States.one.HeartbeatSeconds = 5;
      },
      'state each, state one: the field HeartbeatSeconds is not implemented',
    ],
    [
      'a field of a Map',
      ({ machine }) => {
        machine.States.each.ItemBatcher = { MaxItemsPerBatch: 10 };
      },
      'state each: the field ItemBatcher is not implemented',
    ],
    [
      'another query language',
      ({ machine }) => {
        machine.QueryLanguage = 'JSONata';
      },
      'the field QueryLanguage is not implemented',
    ],
    [
      'a path with a filter',
      ({ machine }) => {
        machine.States.each.ItemsPath = '$.items[?(@.x)]';
      },
      'state each: the path $.items[?(@.x)] is not implemented',
    ],
    [
      'an intrinsic function of states',
      ({ machine }) => {
        machine.States.few.Parameters = { 'x.$': 'States.Hash($.x)' };
      },
      'state few: the expression States.Hash($.x) is not implemented',
    ],
    [
      'a comparison',
      ({ machine }) => {
        machine.States.enough.Choices[0].And[0] = { Variable: '$.x', StringMatches: 'a*' };
      },
      'state enough: the comparison StringMatches is not implemented',
    ],
    [
      'an integration',
      ({ machine }) => {
        machine.States.first.Resource = 'arn:aws:states:::sqs:sendMessage';
      },
      'state first: the resource arn:aws:states:::sqs:sendMessage is not implemented',
    ],
    [
      'a condition key of a policy',
      ({ service }) => {
        service.Resources.WorkPolicy.Properties.PolicyDocument.Statement[1].Condition = {
          StringEquals: { 'dynamodb:LeadingKeys': 'x' },
        };
      },
      'tiny-service/WorkPolicy (AWS::IAM::Policy): the condition key dynamodb:LeadingKeys is not implemented',
    ],
    [
      'a managed policy that grants something',
      ({ service }) => {
        service.Resources.WorkRole.Properties.ManagedPolicyArns = ['arn:aws:iam::aws:policy/AdministratorAccess'];
      },
      'the managed policy arn:aws:iam::aws:policy/AdministratorAccess is not implemented',
    ],
  ];
  test.each(cases)('%s', (_, change, message) => {
    expect(() => read(change)).toThrow(message);
  });
});

describe('what does not fit together stops the home', () => {
  const cases: [string, (app: Application) => void, string][] = [
    [
      'a function that may not read its queue',
      ({ service }) => {
        service.Resources.WorkPolicy.Properties.PolicyDocument.Statement.pop();
      },
      'role/tiny-service-WorkRole may not sqs:ReceiveMessage',
    ],
    [
      'a rule that may not reach its queue',
      ({ service }) => {
        service.Resources.QueuePolicy.Properties.PolicyDocument.Statement[0].Condition.ArnEquals = {
          'aws:SourceArn': 'arn:aws:events:us-east-1:000000000000:rule/another',
        };
      },
      'Arrived: events.amazonaws.com may not sqs:SendMessage',
    ],
    [
      'an API that may not call its function',
      ({ service }) => {
        delete service.Resources.MayCallApi;
      },
      'GET /things/{thing}: apigateway.amazonaws.com may not lambda:InvokeFunction',
    ],
    [
      'a machine that may not call a function',
      ({ service }) => {
        service.Resources.MachineRole.Properties.Policies[0].PolicyDocument.Statement[0].Resource.pop();
      },
      'machine, state left: arn:aws:iam::000000000000:role/tiny-service-MachineRole may not lambda:InvokeFunction',
    ],
    [
      'a queue that shows a message again before its function has ended',
      ({ service }) => {
        service.Resources.Queue.Properties.VisibilityTimeout = 4;
      },
      'work: it may run for 5 s, but the queue tiny-service-Queue shows its message to others after 4 s',
    ],
    [
      'a state that leads nowhere',
      ({ machine }) => {
        machine.States.both.Next = 'eech';
      },
      'state both leads to the state eech, which does not exist',
    ],
    [
      'an import that nothing exports',
      ({ data }) => {
        delete data.Outputs.BusName.Export;
        data.Outputs.Bad = { Value: { 'Fn::ImportValue': 'tiny:bus' } };
      },
      'no stack exports tiny:bus',
    ],
  ];
  test.each(cases)('%s', (_, change, message) => {
    expect(() => read(change)).toThrow(message);
  });
});
