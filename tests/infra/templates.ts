import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AwsSolutionsChecks } from 'cdk-nag';
import { application, newApp } from '../../infra/app.ts';
import { type Bundles, FUNCTIONS } from '../../infra/bundles.ts';
import { type Stage, stageSettings } from '../../infra/stages.ts';

/** Where `synthesise.ts` puts a stage. */
export const outdirOf = (stage: string) => join(import.meta.dirname, '../../cdk.out/tests', stage);

/** Where `synthesise.ts` puts what all stages deploy. */
export const BUNDLES = Object.fromEntries(
  FUNCTIONS.map((name) => [name, join(outdirOf('functions'), name)]),
) as Bundles;

export interface Resource {
  readonly id: string;
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: a template is as deep as CloudFormation
  readonly Properties: any;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

interface Template {
  readonly Resources: Record<string, Omit<Resource, 'id'>>;
  readonly Outputs: Record<string, { Value: unknown; Export?: { Name: string } }>;
}

const read = (stage: string, part: string, outdir: string): Template =>
  JSON.parse(readFileSync(join(outdir, `portolan-${stage}-${part}.template.json`), 'utf8'));

/** The two templates of a stage as one set of resources. */
export function templates(stage: string, outdir = outdirOf(stage)) {
  const parts = [read(stage, 'data', outdir), read(stage, 'service', outdir)];
  const resources: Resource[] = parts.flatMap((part) =>
    Object.entries(part.Resources).map(([id, resource]) => ({ id, ...resource })),
  );
  const exported = new Map(
    parts.flatMap(({ Outputs }) => Object.values(Outputs).map(({ Value, Export }) => [Export?.Name, Value] as const)),
  );

  /** A value as text: references are `<LogicalId>` or `<LogicalId.Attribute>`, imports are what is exported. */
  const text = (value: unknown): string => {
    if (typeof value !== 'object' || value === null) return String(value);
    const [[kind, of] = []] = Object.entries(value);
    if (kind === 'Ref') return `<${of}>`;
    if (kind === 'Fn::GetAtt') return `<${of.join('.')}>`;
    if (kind === 'Fn::Join') return of[1].map(text).join(of[0]);
    if (kind === 'Fn::Sub') return of;
    if (kind === 'Fn::ImportValue') return text(exported.get(of));
    throw new RangeError(`no text for ${JSON.stringify(value)}`);
  };
  /** The logical id of the resource that a value refers to; undefined when it is a plain value. */
  const target = (value: unknown): string | undefined => /<([A-Za-z0-9]+)[.>]/.exec(text(value))?.[1];

  const ofType = (type: string) => resources.filter(({ Type }) => Type === type);
  const byId = (id: string | undefined): Resource => {
    const found = resources.find((resource) => resource.id === id);
    if (!found) throw new RangeError(`${stage}: no resource ${id}`);
    return found;
  };

  const statements = (policy: { Statement: Statement[] }) =>
    policy.Statement.map((statement) => ({
      ...statement,
      actions: [statement.Action].flat(),
      resources: [statement.Resource].flat().map(text),
    }));
  /** What a function, or anything else with a role, may do. */
  const grants = (role: unknown) =>
    ofType('AWS::IAM::Policy')
      .filter(({ Properties }) => Properties.Roles.some((of: unknown) => target(of) === target(role)))
      .flatMap(({ Properties }) => statements(Properties.PolicyDocument));

  /** Each function by its short name, which is how its logs call it. */
  const functions = new Map(
    ofType('AWS::Lambda::Function').map((resource) => {
      const variables: Record<string, unknown> = resource.Properties.Environment.Variables;
      return [
        String(variables.POWERTOOLS_SERVICE_NAME),
        { ...resource, variables, grants: grants(resource.Properties.Role) },
      ];
    }),
  );
  return { stage, resources, text, target, ofType, byId, statements, grants, functions };
}

/** A stage with other settings: its templates, and the security rules that they break. */
export function withSettings(name: 'dev' | 'prod', changes: Partial<Stage>) {
  const outdir = mkdtempSync(join(tmpdir(), 'portolan-settings-'));
  try {
    const app = newApp(false, { outdir });
    application(app, name, BUNDLES, stageSettings(name, { ...changes, nag: false }));
    app.synth();
    const { violations } = new AwsSolutionsChecks(app).validateScope(app);
    return { ...templates(name, outdir), violations: violations.map(({ ruleName }) => ruleName) };
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Principal?: unknown;
  readonly Condition?: Record<string, Record<string, unknown>>;
}
