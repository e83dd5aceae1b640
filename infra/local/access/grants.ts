import type { Resource } from '../template/intrinsics.ts';
import { ACCOUNT } from '../template/names.ts';
import { type Access, applies, readPolicy, type Statement } from './policy.ts';

/** AWS-owned policies that a role may name. All they allow is writing logs, which is a file here. */
const MANAGED_POLICIES_WITHOUT_EFFECT = new Set(['AWSLambdaBasicExecutionRole']);

/** Everything that the policies of one application allow and forbid. */
export interface Grants {
  /**
   * Whether an access may take place: nothing forbids it, and a policy of the role or, for a service, a policy of the
   * resource allows it.
   */
  allows(access: Access): boolean;
  /** Whether a service may act as a role. */
  lends(roleArn: string, service: string): boolean;
  /** What the policies of a role say. */
  ofRole(roleArn: string): readonly Statement[];
}

/**
 * Collects the policies of roles, buckets, queues and functions.
 *
 * @throws Error for a policy that can't be evaluated here
 */
export function collectGrants(resources: readonly Resource[]): Grants {
  const ofRole = new Map<string, Statement[]>();
  const ofResources: Statement[] = [];
  const trust = new Map<string, Statement[]>();
  const roleArns = new Map<string, string>();
  const of = (type: string) => resources.filter((resource) => resource.type === type);
  const place = ({ stack, logicalId, type }: Resource) => `${stack}/${logicalId} (${type})`;
  const add = (roleArn: string, statements: Statement[]) =>
    ofRole.set(roleArn, [...(ofRole.get(roleArn) ?? []), ...statements]);

  for (const role of of('AWS::IAM::Role')) {
    const roleArn = role.identity.attributes.Arn as string;
    roleArns.set(role.identity.ref, roleArn);
    trust.set(roleArn, readPolicy(role.properties.AssumeRolePolicyDocument, place(role), [roleArn]));
    for (const { PolicyDocument } of (role.properties.Policies ?? []) as { PolicyDocument: unknown }[])
      add(roleArn, readPolicy(PolicyDocument, place(role)));
    for (const managed of (role.properties.ManagedPolicyArns ?? []) as string[])
      if (!MANAGED_POLICIES_WITHOUT_EFFECT.has(managed.split('/').at(-1) ?? ''))
        throw new Error(`${place(role)}: the managed policy ${managed} is not implemented by the local home`);
  }
  for (const policy of of('AWS::IAM::Policy'))
    for (const role of policy.properties.Roles as string[])
      add(roleArns.get(role) ?? role, readPolicy(policy.properties.PolicyDocument, place(policy)));

  for (const policy of [...of('AWS::S3::BucketPolicy'), ...of('AWS::SQS::QueuePolicy')])
    ofResources.push(...readPolicy(policy.properties.PolicyDocument, place(policy)));
  for (const permission of of('AWS::Lambda::Permission')) {
    const { Action, FunctionName, Principal, SourceArn, SourceAccount } = permission.properties;
    const lambda = of('AWS::Lambda::Function').find(({ identity }) =>
      [identity.ref, identity.attributes.Arn].includes(String(FunctionName)),
    );
    const statement = {
      Effect: 'Allow',
      Action,
      Resource: lambda?.identity.attributes.Arn,
      Principal: { Service: Principal },
      Condition: {
        ...(SourceArn === undefined ? {} : { ArnLike: { 'aws:SourceArn': SourceArn } }),
        ...(SourceAccount === undefined ? {} : { StringEquals: { 'aws:SourceAccount': SourceAccount } }),
      },
    };
    ofResources.push(...readPolicy({ Statement: statement }, place(permission)));
  }

  return {
    ofRole: (roleArn) => ofRole.get(roleArn) ?? [],
    lends(roleArn, service) {
      const asked = {
        principal: { kind: 'service', id: service },
        action: 'sts:AssumeRole',
        resource: roleArn,
      } as const;
      const speaking = (trust.get(roleArn) ?? []).filter((statement) => applies(statement, asked));
      return speaking.some(({ effect }) => effect === 'Allow') && !speaking.some(({ effect }) => effect === 'Deny');
    },
    allows(access) {
      const context = { 'aws:PrincipalAccount': ACCOUNT, 'aws:SourceAccount': ACCOUNT, ...access.context };
      const asked = { ...access, context };
      const own = access.principal.kind === 'role' ? (ofRole.get(access.principal.id) ?? []) : [];
      const speaking = [...own, ...ofResources].filter((statement) => applies(statement, asked));
      return speaking.some(({ effect }) => effect === 'Allow') && !speaking.some(({ effect }) => effect === 'Deny');
    },
  };
}
