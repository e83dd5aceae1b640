import { STAGES, type StageName } from '../../../infra/stages.ts';
import { UsageError } from '../command.ts';

/** Stages that live in an account. */
const DEPLOYED = Object.keys(STAGES).filter((name) => name !== 'local');

/** The stage that a command was given, or a UsageError that says which there are. */
export function deployedStage(command: string, name: string | undefined): StageName {
  if (name !== undefined && DEPLOYED.includes(name)) return name as StageName;
  const given = name === undefined ? '--stage is missing' : `there is no stage ${name} in an account`;
  throw new UsageError(`${command}: ${given}; there are ${DEPLOYED.join(', ')}`);
}

export const STAGE_OPTION = { value: 'NAME', help: DEPLOYED.join(' or ') } as const;
