import { createHash } from 'node:crypto';

/** The account and region that everything on this machine pretends to be in. */
export const ACCOUNT = '000000000000';
export const REGION = 'us-east-1';
export const PARTITION = 'aws';

/** What a template may ask of one resource: `Ref` and the attributes of `Fn::GetAtt`. */
export interface Identity {
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** `arn:aws:<service>:<region>:<account>:<rest>` */
export const arn = (service: string, rest: string) => `arn:${PARTITION}:${service}:${REGION}:${ACCOUNT}:${rest}`;

const digest = (text: string) => createHash('sha256').update(text).digest('hex');

/** A name made of stack and logical id: the same at every start, cut to what the service allows. */
function physicalName(stack: string, logicalId: string, longest: number): string {
  const name = `${stack}-${logicalId}`;
  return name.length <= longest ? name : `${name.slice(0, longest - 9)}-${digest(name).slice(0, 8)}`;
}

/** What an identity is made of. */
interface Naming {
  /** where the local endpoint answers, e.g. `http://127.0.0.1:4566` */
  readonly endpoint: string;
  /** an explicit name that the template gives in this property */
  readonly text: (property: string) => string | undefined;
  /** otherwise: a name made of stack and logical id, at most so long */
  readonly generated: (longest: number) => string;
}

/** Identities by resource type. Only what a template can name is listed: another attribute stops with a message. */
const IDENTITIES: Readonly<Record<string, (naming: Naming) => Identity>> = {
  'AWS::S3::Bucket': ({ text, generated }) => {
    const name = text('BucketName') ?? generated(63).toLowerCase();
    return {
      ref: name,
      attributes: {
        Arn: `arn:${PARTITION}:s3:::${name}`,
        DomainName: `${name}.s3.amazonaws.com`,
        RegionalDomainName: `${name}.s3.${REGION}.amazonaws.com`,
      },
    };
  },
  'AWS::DynamoDB::Table': ({ text, generated }) => {
    const name = text('TableName') ?? generated(255);
    return { ref: name, attributes: { Arn: arn('dynamodb', `table/${name}`) } };
  },
  // The SDK takes the address of a queue for its endpoint: it has to be the one of this machine.
  'AWS::SQS::Queue': ({ endpoint, text, generated }) => {
    const name = text('QueueName') ?? generated(80);
    const url = `${endpoint}/${ACCOUNT}/${name}`;
    return { ref: url, attributes: { Arn: arn('sqs', name), QueueName: name, QueueUrl: url } };
  },
  'AWS::Events::EventBus': ({ text, generated }) => {
    const name = text('Name') ?? generated(256);
    return { ref: name, attributes: { Arn: arn('events', `event-bus/${name}`), Name: name } };
  },
  'AWS::Events::Rule': ({ text, generated }) => {
    const name = text('Name') ?? generated(64);
    const bus = text('EventBusName')?.split('/').at(-1);
    return {
      ref: name,
      attributes: { Arn: arn('events', bus && bus !== 'default' ? `rule/${bus}/${name}` : `rule/${name}`) },
    };
  },
  'AWS::Lambda::Function': ({ text, generated }) => {
    const name = text('FunctionName') ?? generated(64);
    return { ref: name, attributes: { Arn: arn('lambda', `function:${name}`) } };
  },
  'AWS::Lambda::LayerVersion': ({ text, generated }) => ({
    ref: arn('lambda', `layer:${text('LayerName') ?? generated(140)}:1`),
    attributes: {},
  }),
  'AWS::Lambda::EventSourceMapping': ({ generated }) => ({ ref: generated(128), attributes: {} }),
  'AWS::IAM::Role': ({ text, generated }) => {
    const name = text('RoleName') ?? generated(64);
    return { ref: name, attributes: { Arn: `arn:${PARTITION}:iam::${ACCOUNT}:role/${name}` } };
  },
  'AWS::StepFunctions::StateMachine': ({ text, generated }) => {
    const name = text('StateMachineName') ?? generated(80);
    const machineArn = arn('states', `stateMachine:${name}`);
    return { ref: machineArn, attributes: { Arn: machineArn, Name: name } };
  },
  'AWS::ApiGateway::RestApi': ({ generated }) => {
    const id = digest(generated(255)).slice(0, 10);
    return { ref: id, attributes: { RestApiId: id, RootResourceId: `${id}-root` } };
  },
  'AWS::ApiGateway::Resource': ({ generated }) => {
    const id = digest(generated(255)).slice(0, 6);
    return { ref: id, attributes: { ResourceId: id } };
  },
  'AWS::ApiGateway::Deployment': ({ generated }) => {
    const id = digest(generated(255)).slice(0, 6);
    return { ref: id, attributes: { DeploymentId: id } };
  },
  'AWS::ApiGateway::Stage': ({ text }) => ({ ref: text('StageName') ?? 'prod', attributes: {} }),
  'AWS::Logs::LogGroup': ({ text, generated }) => {
    const name = text('LogGroupName') ?? `/local/${generated(500)}`;
    return { ref: name, attributes: { Arn: arn('logs', `log-group:${name}:*`) } };
  },
};

/** The identity of a resource. A type that is not listed has no local effect: it goes by its generated name alone. */
export function identify(
  endpoint: string,
  resource: { stack: string; logicalId: string; type: string },
  text: (property: string) => string | undefined,
): Identity {
  const generated = (longest: number) => physicalName(resource.stack, resource.logicalId, longest);
  return IDENTITIES[resource.type]?.({ endpoint, text, generated }) ?? { ref: generated(255), attributes: {} };
}
