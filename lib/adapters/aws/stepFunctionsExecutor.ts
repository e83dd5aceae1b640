import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { Executor } from '../../ports/executor.ts';

/** Executions of one Step Functions state machine, found again by their names. */
export function stepFunctionsExecutor(stateMachineArn: string, client = new SFNClient({})): Executor {
  // arn:…:stateMachine:NAME  →  arn:…:execution:NAME:EXECUTION
  const executionArn = (name: string) => `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
  return {
    async start(name, input) {
      try {
        await client.send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }));
      } catch (error) {
        if (!(error instanceof ExecutionAlreadyExists)) throw error;
      }
    },
    async isRunning(name) {
      try {
        const execution = await client.send(new DescribeExecutionCommand({ executionArn: executionArn(name) }));
        return execution.status === 'RUNNING';
      } catch (error) {
        if (error instanceof ExecutionDoesNotExist) return false;
        throw error;
      }
    },
  };
}
