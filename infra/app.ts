import { join } from 'node:path';
import {
  App,
  type AppProps,
  AssetStaging,
  DefaultStackSynthesizer,
  type IReusableStackSynthesizer,
  Validations,
} from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { COST_TAG } from './budget.ts';
import { type Bundles, bundleFunctions } from './bundles.ts';
import { DataStack } from './dataStack.ts';
import { ServiceStack } from './serviceStack.ts';
import { codeVersion } from './sources.ts';
import { type Stage, type StageName, settingsOf, stageName } from './stages.ts';

export interface Application {
  readonly data: DataStack;
  readonly service: ServiceStack;
}

/**
 * An empty application: no telemetry, and no bootstrap rule (the command line checks that), so templates have no
 * parameters.
 *
 * @param checked  hold the templates against CloudFormation's schemas, which takes 4 s of every synthesis
 */
export function newApp(checked: boolean, place: Pick<AppProps, 'outdir' | 'context'> = {}): App {
  // The CDK remembers the hash of a folder for as long as the process lives, whatever becomes of the folder.
  AssetStaging.clearAssetHashCache();
  return new App({
    ...place,
    // Exported values cannot be removed while the service uses them, so the data stack cannot break it.
    context: { '@aws-cdk/core:defaultCrossStackReferences': 'strong', ...place.context },
    analyticsReporting: false,
    treeMetadata: false,
    builtinCloudFormationValidation: checked,
    defaultStackSynthesizer: new DefaultStackSynthesizer({
      generateBootstrapVersionRule: false,
    }) as IReusableStackSynthesizer,
  });
}

/** The whole application for one stage, in any account, region and partition. */
export function application(
  app: App,
  stage: StageName,
  bundles: Bundles,
  settings: Stage = settingsOf(stage),
): Application {
  // on the stacks, from which CloudFormation passes them on; a home has no bill
  const tags = stage === 'local' ? {} : { tags: { [COST_TAG]: stage } };
  const data = new DataStack(app, `portolan-${stage}-data`, {
    ...tags,
    settings,
    terminationProtection: settings.keepData,
    description: 'Portolan: trade data, scores and the event bus',
  });
  const service = new ServiceStack(app, `portolan-${stage}-service`, {
    ...tags,
    house: { stage, settings, codeVersion: codeVersion() },
    data,
    bundles,
    terminationProtection: settings.keepData,
    description: 'Portolan: ingestion, scoring and the API',
  });
  if (settings.nag) Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return { data, service };
}

// The entry of the CDK command line, which says in the environment where the output goes.
if (import.meta.main) {
  const app = newApp(true);
  const stage = stageName(app.node.tryGetContext('stage') ?? process.env.PORTOLAN_STAGE ?? 'dev');
  application(app, stage, await bundleFunctions(join(app.outdir, 'functions')));
  app.synth();
}
