import { nearest } from '../../../infra/nearest.ts';
import { settingsOf } from '../../../infra/stages.ts';
import { stacksOf } from '../account/account.ts';
import { awsAccount } from '../account/awsAccount.ts';
import { deployedStage, STAGE_OPTION } from '../account/stage.ts';
import { command, Stop, UsageError } from '../command.ts';

/** The queues, by the names of their outputs. */
export const QUEUES = ['ingest', 'start', 'match', 'deliver', 'feedback'];

export const redrive = command({
  name: 'redrive',
  summary: 'Sends messages that failed five times back to their queue, once the cause is mended.',
  operands: '',
  atLeast: 0,
  atMost: 0,
  options: { stage: STAGE_OPTION, queue: { value: 'NAME', help: `one of ${QUEUES.join(', ')}` } },
  details: 'Every message may be worked on again without harm. infra/RUNBOOK.md says what to look at first.',
  async run(_, { stage, queue }, screen) {
    const name = deployedStage('redrive', stage);
    if (queue === undefined || !QUEUES.includes(queue)) {
      const near = queue === undefined ? null : nearest(queue, QUEUES);
      const given = queue === undefined ? '--queue is missing' : `there is no queue ${queue}`;
      throw new UsageError(
        `redrive: ${given}; ${near === null ? `there are ${QUEUES.join(', ')}` : `did you mean ${near}?`}`,
      );
    }
    const account = awsAccount(settingsOf(name).region);
    const outputs = await account.outputs(stacksOf(name).service);
    if (outputs === null) throw new Stop(`${name} is not deployed in this account and region`);
    const url = outputs[`${queue[0]?.toUpperCase()}${queue.slice(1)}DeadLettersUrl`];
    if (url === undefined) throw new Stop(`${stacksOf(name).service} has no output for the dead letters of ${queue}`);
    const waiting = await account.redrive(url);
    screen.print(
      waiting === 0 ? `${queue}: no dead letters` : `${queue}: about ${waiting} messages are on their way back`,
    );
    return 0;
  },
});
