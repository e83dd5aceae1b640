import { type Fields, jsonService, type Operation, text } from '../front/jsonService.ts';
import { type Service, ServiceError } from '../front/service.ts';
import type { Execution, Executions } from './executions.ts';

const seconds = (milliseconds: number | null) => (milliseconds === null ? undefined : milliseconds / 1000);

/** Step Functions over HTTP: executions are started, watched and stopped; machines come from the template. */
export function stateService(executions: Executions): Service {
  const machineOf = (fields: Fields) => {
    const arn = text(fields, 'stateMachineArn');
    const machine = executions.machine(arn);
    if (!machine) throw new ServiceError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
    return machine;
  };
  /** An execution is looked up only when the caller may know of it. */
  const onExecution =
    (action: string, run: (execution: Execution, fields: Fields) => object): Operation =>
    (fields) => {
      const resource = text(fields, 'executionArn');
      return {
        resource,
        needs: [{ action, resource }],
        run: () => {
          const execution = executions.find(resource);
          if (!execution) throw new ServiceError('ExecutionDoesNotExist', `Execution Does Not Exist: '${resource}'`);
          return run(execution, fields);
        },
      };
    };

  return jsonService('states', '1.0', {
    StartExecution: (fields) => {
      const machine = machineOf(fields);
      const input = fields.input === undefined ? '{}' : text(fields, 'input');
      return {
        resource: machine.arn,
        needs: [{ action: 'states:StartExecution', resource: machine.arn }],
        run: () => {
          try {
            JSON.parse(input);
          } catch {
            throw new ServiceError('InvalidExecutionInput', 'the input is not JSON');
          }
          const name = fields.name === undefined ? undefined : text(fields, 'name');
          if (name !== undefined && !/^[\w-]{1,80}$/.test(name))
            throw new ServiceError('InvalidName', `Invalid Name: '${name}'`);
          const { arn, started } = executions.start(machine, input, name);
          return { executionArn: arn, startDate: seconds(started) };
        },
      };
    },
    DescribeExecution: onExecution('states:DescribeExecution', (execution) => ({
      executionArn: execution.arn,
      stateMachineArn: execution.machine,
      name: execution.name,
      status: execution.status,
      startDate: seconds(execution.started),
      stopDate: seconds(execution.stopped),
      input: execution.input,
      inputDetails: { included: true },
      ...(execution.output === null ? {} : { output: execution.output, outputDetails: { included: true } }),
      ...(execution.error === null ? {} : { error: execution.error, cause: execution.cause }),
    })),
    StopExecution: onExecution('states:StopExecution', (execution, fields) => {
      executions.stop(
        execution.arn,
        fields.error === undefined ? null : text(fields, 'error'),
        fields.cause === undefined ? null : text(fields, 'cause'),
      );
      return { stopDate: Date.now() / 1000 };
    }),
    ListExecutions: (fields) => {
      const machine = machineOf(fields);
      return {
        resource: machine.arn,
        needs: [{ action: 'states:ListExecutions', resource: machine.arn }],
        run: () => ({
          executions: executions
            .list(machine.arn)
            .filter(({ status }) => fields.statusFilter === undefined || status === fields.statusFilter)
            .slice(0, Number(fields.maxResults || 1000))
            .map((execution) => ({
              executionArn: execution.arn,
              stateMachineArn: execution.machine,
              name: execution.name,
              status: execution.status,
              startDate: seconds(execution.started),
              stopDate: seconds(execution.stopped),
            })),
        }),
      };
    },
  });
}
