import { settingsOf } from '../../../infra/stages.ts';
import { awsAccount } from '../account/awsAccount.ts';
import { checks } from '../account/checks.ts';
import { deployedStage, STAGE_OPTION } from '../account/stage.ts';
import { command } from '../command.ts';
import type { Terminal } from '../terminal.ts';

const STYLE = { ok: 'green', warns: 'yellow', fails: 'red', skipped: 'dim' } as const;

export const doctor = command({
  name: 'doctor',
  summary: 'Says whether a stage can be deployed from here, and what to do where it cannot.',
  operands: '',
  atLeast: 0,
  atMost: 0,
  options: { stage: { ...STAGE_OPTION, help: `${STAGE_OPTION.help}; dev when not given` } },
  details:
    'Looks at Node, the settings file, credentials, region, bootstrap, quotas and the sender of e-mails. Changes nothing.',
  run: async (_, { stage = 'dev' }, screen) => ((await healthy(stage, screen)) ? 0 : 1),
});

/** Prints every check; true when nothing stands in the way of a deployment. */
export async function healthy(stage: string, screen: Terminal): Promise<boolean> {
  const name = deployedStage('doctor', stage);
  const found = await checks({
    node: process.versions.node,
    settings: () => settingsOf(name),
    account: awsAccount,
  });
  for (const { name, state, text } of found)
    screen.print(
      `${name.padEnd(12)} ${screen.paint(STYLE[state], state.padEnd(8))} ${text.replaceAll('\n', `\n${' '.repeat(22)}`)}`,
    );
  return found.every(({ state }) => state === 'ok' || state === 'warns');
}
