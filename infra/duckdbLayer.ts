import { join } from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { Architecture, Code, type CodeConfig, LayerVersion, Runtime } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { lockedPackages, type Processor } from './duckdbLayerContents.ts';
import { hashOf, PROJECT_ROOT } from './sources.ts';

const RECIPE = 'infra/duckdbLayerZip.ts';

/** A zip that a command makes when the asset is published, not when the template is synthesised (decisions/0032). */
class MadeWhenPublished extends Code {
  readonly isInline = false;
  private readonly command: string[];
  private readonly hash: string;

  constructor(command: string[], hash: string) {
    super();
    this.command = command;
    this.hash = hash;
  }

  override bind(scope: Construct): CodeConfig {
    const asset = Stack.of(scope).synthesizer.addFileAsset({
      sourceHash: this.hash,
      executable: this.command,
      displayName: 'DuckDB layer',
    });
    return { s3Location: { bucketName: asset.bucketName, objectKey: asset.objectKey } };
  }
}

/** DuckDB for functions on Linux and one processor, whatever machine deploys. */
export function duckdbLayer(scope: Construct, processor: Processor): LayerVersion {
  const hash = hashOf([join(PROJECT_ROOT, RECIPE)], JSON.stringify(lockedPackages(processor)));
  return new LayerVersion(scope, 'DuckdbLayer', {
    code: new MadeWhenPublished(['node', RECIPE, processor], hash),
    compatibleRuntimes: [Runtime.NODEJS_24_X],
    compatibleArchitectures: [processor === 'arm64' ? Architecture.ARM_64 : Architecture.X86_64],
    description: 'DuckDB for Node.js',
  });
}
