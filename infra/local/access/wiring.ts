import { type Definition, startsItself, tasksOf } from '../states/definition.ts';
import { type Blueprint, functionName, type MachinePlan } from '../template/blueprint.ts';
import type { Grants } from './grants.ts';
import type { Access } from './policy.ts';

/**
 * Checks what one service of the application does to another: a queue that feeds a function, a rule that feeds a queue,
 * a route that invokes a function. AWS refuses these at deployment, or drops events without a word.
 *
 * @throws Error that lists every missing permission and every mismatch
 */
export function checkWiring(
  plan: Blueprint,
  machines: readonly { readonly plan: MachinePlan; readonly definition: Definition }[],
  grants: Grants,
): void {
  const faults: string[] = [];
  const require = (access: Access, what: string) => {
    if (!grants.allows(access))
      faults.push(`${what}: ${access.principal.id} may not ${access.action} on ${access.resource}`);
  };

  for (const { label, roleArn } of plan.functions)
    if (!grants.lends(roleArn, 'lambda.amazonaws.com'))
      faults.push(`${label}: its role ${roleArn} does not trust Lambda`);
  for (const { plan: machine } of machines)
    if (!grants.lends(machine.roleArn, 'states.amazonaws.com'))
      faults.push(`${machine.label}: its role ${machine.roleArn} does not trust Step Functions`);

  for (const mapping of plan.mappings) {
    const lambda = plan.functions.find(({ name }) => name === mapping.functionName);
    const queue = plan.queues.find(({ arn }) => arn === mapping.queueArn);
    if (!lambda || !queue) {
      faults.push(
        `a mapping joins ${mapping.queueArn} and ${mapping.functionName}, which are not both in the template`,
      );
      continue;
    }
    for (const action of ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'])
      require({ principal: { kind: 'role', id: lambda.roleArn }, action, resource: queue.arn }, lambda.label);
    if (queue.visibilitySeconds < lambda.timeoutSeconds)
      faults.push(
        `${lambda.label}: it may run for ${lambda.timeoutSeconds} s, but the queue ${queue.name} shows its message to others after ${queue.visibilitySeconds} s`,
      );
  }

  for (const rule of plan.rules) {
    for (const target of rule.targets) {
      const context = { 'aws:SourceArn': rule.arn };
      const principal =
        target.roleArn === null
          ? { kind: 'service' as const, id: 'events.amazonaws.com' }
          : { kind: 'role' as const, id: target.roleArn };
      const action = deliveryAction(target.arn);
      if (action === null) faults.push(`${rule.id}: the target ${target.arn} is not implemented by the local home`);
      else require({ principal, action, resource: target.arn, context }, rule.id);
    }
  }

  for (const { plan: machine, definition } of machines) {
    if (startsItself(definition)) {
      const principal = { kind: 'role' as const, id: machine.roleArn };
      for (const { action, resource } of ownExecutions(machine.arn))
        require({ principal, action, resource }, `${machine.label}, its distributed map`);
    }
    for (const [state, reference] of tasksOf(definition)) {
      const lambda = plan.functions.find(({ name }) => name === functionName(reference));
      const principal = { kind: 'role' as const, id: machine.roleArn };
      if (!lambda) faults.push(`${machine.label}, state ${state}: ${reference} is not a function of the template`);
      else
        require({
          principal,
          action: 'lambda:InvokeFunction',
          resource: lambda.arn,
        }, `${machine.label}, state ${state}`);
    }
  }

  for (const { path, verb, functionArn } of plan.api?.methods ?? []) {
    if (functionArn === null) continue;
    const method = `${plan.api?.stage}/${verb === 'ANY' ? '*' : verb}${path.replace(/\{[^}]+\}/g, '*')}`;
    const region = functionArn.split(':').slice(3, 5).join(':');
    require({
      principal: { kind: 'service', id: 'apigateway.amazonaws.com' },
      action: 'lambda:InvokeFunction',
      resource: functionArn,
      context: { 'aws:SourceArn': `arn:aws:execute-api:${region}:${plan.api?.id}/${method}` },
    }, `${verb} ${path}`);
  }

  if (faults.length > 0) throw new Error(`the template does not fit together:\n  ${faults.join('\n  ')}`);
}

/** What a machine with a distributed map does to its own executions. */
export function ownExecutions(machineArn: string): { readonly action: string; readonly resource: string }[] {
  const execution = `${machineArn.replace(':stateMachine:', ':execution:')}:an-item`;
  return [
    { action: 'states:StartExecution', resource: machineArn },
    { action: 'states:DescribeExecution', resource: execution },
    { action: 'states:StopExecution', resource: execution },
  ];
}

/** What a rule has to be allowed to do to a target; null when there is no such target here. */
function deliveryAction(targetArn: string): string | null {
  switch (targetArn.split(':')[2]) {
    case 'sqs':
      return 'sqs:SendMessage';
    case 'lambda':
      return 'lambda:InvokeFunction';
    case 'states':
      return 'states:StartExecution';
    default:
      return null;
  }
}
