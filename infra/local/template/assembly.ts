import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** One synthesised stack: its template, and where the files that it names lie. */
export interface StackTemplate {
  readonly name: string;
  readonly resources: Readonly<Record<string, RawResource>>;
  readonly conditions: Readonly<Record<string, unknown>>;
  readonly mappings: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
  readonly parameters: Readonly<Record<string, { Default?: unknown }>>;
  readonly outputs: Readonly<Record<string, RawOutput>>;
  /** object key in the deployment bucket → path on this machine, or null for a file that is only made when published */
  readonly assets: ReadonlyMap<string, string | null>;
}

export interface RawResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly Condition?: string;
}

export interface RawOutput {
  readonly Value: unknown;
  readonly Export?: { readonly Name: unknown };
  readonly Condition?: string;
}

interface Manifest {
  readonly artifacts?: Readonly<
    Record<
      string,
      {
        type: string;
        properties?: { templateFile?: string; stackName?: string; directoryName?: string; file?: string };
      }
    >
  >;
}

interface AssetManifest {
  readonly files?: Readonly<
    Record<
      string,
      {
        source: { path?: string; executable?: string[] };
        destinations: Readonly<Record<string, { objectKey: string }>>;
      }
    >
  >;
}

const readJson = <T>(path: string) => JSON.parse(readFileSync(path, 'utf8')) as T;

/** What a template may say beside its resources; anything else would be ignored silently. */
const SECTIONS = new Set([
  'Resources',
  'Outputs',
  'Conditions',
  'Mappings',
  'Parameters',
  'Description',
  'Metadata',
  'AWSTemplateFormatVersion',
  'Rules', // assertions about the account's bootstrap, of which there is none here
]);

const RESOURCE_FIELDS = new Set([
  'Type',
  'Properties',
  'Condition',
  'Metadata',
  'DependsOn', // every resource exists before the first event, whatever the order
  'DeletionPolicy', // nothing here is ever deleted by a deployment
  'UpdateReplacePolicy',
]);

/**
 * Reads the stacks that a CDK application wrote, nested assemblies (stages) included.
 *
 * @throws Error that names the file and what is missing or not understood
 */
export function readAssembly(directory: string): StackTemplate[] {
  const manifestPath = join(directory, 'manifest.json');
  if (!existsSync(manifestPath)) throw new Error(`${directory} holds no synthesised application (no manifest.json)`);
  const stacks: StackTemplate[] = [];
  for (const [id, { type, properties = {} }] of Object.entries(readJson<Manifest>(manifestPath).artifacts ?? {})) {
    if (type === 'cdk:cloud-assembly') stacks.push(...readAssembly(join(directory, properties.directoryName ?? id)));
    if (type !== 'aws:cloudformation:stack') continue;
    const file = join(directory, properties.templateFile ?? `${id}.template.json`);
    stacks.push(readStack(properties.stackName ?? id, file, readAssets(directory, id)));
  }
  if (stacks.length === 0) throw new Error(`${manifestPath} names no stack`);
  return stacks;
}

function readStack(name: string, file: string, assets: ReadonlyMap<string, string | null>): StackTemplate {
  const template = readJson<Record<string, never>>(file);
  for (const section of Object.keys(template))
    if (!SECTIONS.has(section)) throw new Error(`${file}: section ${section} is not implemented by the local home`);
  const resources = (template.Resources ?? {}) as Record<string, RawResource>;
  for (const [id, resource] of Object.entries(resources))
    for (const field of Object.keys(resource))
      if (!RESOURCE_FIELDS.has(field))
        throw new Error(`${name}/${id} (${resource.Type}): ${field} is not implemented by the local home`);
  return {
    name,
    resources,
    conditions: template.Conditions ?? {},
    mappings: template.Mappings ?? {},
    parameters: template.Parameters ?? {},
    outputs: template.Outputs ?? {},
    assets,
  };
}

/** The files that a deployment would upload for one stack. */
function readAssets(directory: string, stackId: string): Map<string, string | null> {
  const path = join(directory, `${stackId}.assets.json`);
  const assets = new Map<string, string | null>();
  if (!existsSync(path)) return assets;
  for (const { source, destinations } of Object.values(readJson<AssetManifest>(path).files ?? {}))
    for (const { objectKey } of Object.values(destinations))
      assets.set(objectKey, source.path === undefined ? null : resolve(directory, source.path));
  return assets;
}
