import { settingsOf } from '../../../infra/stages.ts';
import { awsAccount } from '../account/awsAccount.ts';
import { restoreStage } from '../account/restoreStage.ts';
import { deployedStage, STAGE_OPTION } from '../account/stage.ts';
import { command, UsageError } from '../command.ts';

export const restore = command({
  name: 'restore',
  summary: "Makes a stage's table hold what a restored backup of it holds.",
  operands: '',
  atLeast: 0,
  atMost: 0,
  options: {
    stage: STAGE_OPTION,
    from: { value: 'TABLE', help: 'the table that a backup was restored to; it is only read' },
  },
  details:
    'The functions have to be taken away first, and deployed again afterwards: infra/RUNBOOK.md, Backup and restore.',
  async run(_, { stage, from }, screen) {
    const name = deployedStage('restore', stage);
    if (from === undefined || from === '')
      throw new UsageError('restore: --from is missing, the table to restore from');
    const account = awsAccount(settingsOf(name).region);
    const step = screen.step('restore', `from ${from}`);
    try {
      step.done(await restoreStage({ stage: name, from, account }, (written) => step.say(`${written} items`)));
    } catch (error) {
      step.drop();
      throw error;
    }
    return 0;
  },
});
