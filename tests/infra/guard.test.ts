import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { arch, platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { outdirOf } from './templates.ts';

/** The templates against cfn-guard with the rules of AWS Control Tower, offline: what does not hold is accepted here by its rule, with the reason. */

const PACKAGE = join(import.meta.dirname, '../../node_modules/@cdklabs/cdk-validator-cfnguard');
const SYSTEMS: Readonly<Record<string, string>> = { linux: 'ubuntu', darwin: 'macos' };
const PROCESSORS: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64' };
const [system, processor] = [SYSTEMS[platform()], PROCESSORS[arch()]];
const GUARD = join(PACKAGE, 'bin', system ?? '', processor ?? '', 'cfn-guard');

const OWN_KEY =
  'encrypted by a key of AWS: public statistics need no key of their own, which costs 1 USD a month and a call each';
const ACCEPTED: Readonly<Record<string, string>> = {
  step_functions_state_machine_logging_enabled_check:
    'the history of each execution is kept for 90 days; log delivery needs rights on all resources',
  sqs_dlq_check: 'holds of every queue but the dead-letter queues themselves, which would need one each for ever',
  s3_bucket_object_lock_enabled_check: 'a lock would keep what a user wants to delete; drops are versioned instead',
  s3_event_notifications_enabled_check:
    'drops announce themselves over EventBridge, which this rule does not know; nobody waits for other objects',
  s3_bucket_logging_enabled_check:
    'read by roles of this application only: a log of every read would cost more than it tells',
  s3_bucket_versioning_enabled_check: 'drops are versioned; the other two buckets are made from them',
  s3_bucket_default_encryption_kms_check: OWN_KEY,
  dynamodb_table_encrypted_kms_check: OWN_KEY,
  cloudwatch_log_group_encrypted_check: OWN_KEY,
  athena_workgroup_results_encrypted_at_rest_kms_check: OWN_KEY,
  lambda_inside_vpc_check:
    'a setting (network): without one, functions speak to AWS services by TLS and a network would only add a way to break',
  lambda_function_public_access_prohibited_check:
    'permissions name the rule or API that may call, by SourceArn; this rule wants the account beside it, which the ARN holds',
  cloudwatch_alarm_action_check:
    'a setting (alarmsTo): without an address alarms are on the event bus (decisions/0036)',
  api_gw_v1_execution_logging_enabled_check:
    'the function logs what matters; logs of the gateway need a role of the account (decisions/0034)',
};

/** Rules that a stage without data to keep may break beside these. */
const ACCEPTED_IN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  dev: {
    cloudwatch_log_group_retention_period_check:
      'a week of logs is enough to try things out (logDays); prod keeps a year',
  },
  prod: {},
};

interface Verdict {
  not_compliant: { Rule: { name: string } }[];
}

const rulesFolder = join(PACKAGE, 'rules', 'control-tower', 'cfn-guard');
const rules = readdirSync(rulesFolder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.guard'))
  .map((name) => ({ file: join(rulesFolder, name), types: typesIn(readFileSync(join(rulesFolder, name), 'utf8')) }));

function typesIn(text: string): Set<string> {
  return new Set(text.match(/AWS::\w+::\w+/g));
}

/**
 * The rules that a template breaks, by their names. A rule is about the types it names and is shown resources of these only: each rule reads all
 * that it is shown again, and most of a template is about none of them.
 */
function broken(template: string): string[] {
  const { Resources } = JSON.parse(readFileSync(template, 'utf8')) as { Resources: Record<string, { Type: string }> };
  const present = new Set(Object.values(Resources).map(({ Type }) => Type));
  const folder = mkdtempSync(join(tmpdir(), 'portolan-guard-shown-'));
  const byTypes = Map.groupBy(rules, ({ types }) =>
    [...types]
      .filter((type) => present.has(type))
      .sort()
      .join(),
  );
  byTypes.delete('');
  const found = [...byTypes].flatMap(([types, about], at) => {
    const shown = join(folder, `${at}.template.json`);
    const own = Object.entries(Resources).filter(([, { Type }]) => types.split(',').includes(Type));
    writeFileSync(shown, JSON.stringify({ Resources: Object.fromEntries(own) }));
    return brokenOf(
      shown,
      about.map(({ file }) => file),
    );
  });
  rmSync(folder, { recursive: true });
  return found;
}

function brokenOf(template: string, ruleFiles: readonly string[]): string[] {
  const { stdout, stderr, error } = spawnSync(
    GUARD,
    [
      'validate',
      ...ruleFiles.flatMap((file) => ['-r', file]),
      ...['-d', template, '--structured', '-o', 'json', '--show-summary', 'none'],
    ],
    { encoding: 'utf8', maxBuffer: 2 ** 26 },
  );
  if (error) throw error;
  expect(stderr).toBe('');
  const verdicts = JSON.parse(stdout) as Verdict[];
  return verdicts.flatMap(({ not_compliant }) => not_compliant.map(({ Rule }) => Rule.name));
}

describe.skipIf(system === undefined || processor === undefined)('cfn-guard', () => {
  const file = (stage: string, part: string) => join(outdirOf(stage), `portolan-${stage}-${part}.template.json`);

  it.each(['dev', 'prod'])('finds nothing in %s that is not accepted with a reason', (stage) => {
    const found = ['data', 'service'].flatMap((part) => broken(file(stage, part)));
    const accepted = Object.keys({ ...ACCEPTED, ...ACCEPTED_IN[stage] });
    expect(found.filter((rule) => !accepted.includes(rule))).toEqual([]);
    // an exception that no template needs any more goes
    const unused = accepted.filter((rule) => !found.includes(rule));
    expect(unused).toEqual([]);
  });

  it('knows of every rule which types it is about', () => {
    expect(rules.length).toBeGreaterThan(200);
    expect(rules.filter(({ types }) => types.size === 0)).toEqual([]);
  });

  it('does find a public bucket and a queue without encryption', () => {
    const folder = mkdtempSync(join(tmpdir(), 'portolan-guard-'));
    const careless = join(folder, 'careless.template.json');
    const Resources = {
      Open: { Type: 'AWS::S3::Bucket', Properties: {} },
      Plain: { Type: 'AWS::SQS::Queue', Properties: {} },
    };
    writeFileSync(careless, JSON.stringify({ Resources }));
    const found = broken(careless);
    rmSync(folder, { recursive: true });
    expect(found).toEqual(
      expect.arrayContaining(['s3_bucket_level_public_access_prohibited_check', 'sqs_queue_encrypted_check']),
    );
  });
});
