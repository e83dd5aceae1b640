import { randomUUID } from 'node:crypto';
import type { BusPlan, RulePlan } from '../template/blueprint.ts';
import { ACCOUNT, arn, REGION } from '../template/names.ts';
import { type BusEvent, compilePattern } from './pattern.ts';
import { compileInput } from './targetInput.ts';

/** Hands an event, as a target is to see it, to the queue, function or state machine of an ARN. */
export type Deliver = (targetArn: string, input: string, rule: RulePlan) => void;

interface Rule {
  readonly plan: RulePlan;
  readonly matches: (event: BusEvent) => boolean;
  readonly targets: readonly { readonly arn: string; readonly input: (event: BusEvent) => string }[];
}

/** What is put on a bus. */
export interface Entry {
  readonly source: string;
  readonly detailType: string;
  readonly detail: unknown;
  readonly resources?: readonly string[];
  /** milliseconds since 1970; now when not given */
  readonly time?: number;
}

/** The buses of an application and the rules on them. An event has reached every target when `put` returns. */
export class EventBuses {
  private readonly rules = new Map<string, Rule[]>();
  private readonly deliver: Deliver;
  private readonly noticed: (bus: string, event: BusEvent, targets: readonly string[]) => void;

  /** @param noticed  hears of every event before it reaches its targets */
  constructor(
    buses: readonly BusPlan[],
    rules: readonly RulePlan[],
    deliver: Deliver,
    noticed: (bus: string, event: BusEvent, targets: readonly string[]) => void,
  ) {
    this.deliver = deliver;
    this.noticed = noticed;
    for (const { name } of [{ name: 'default' }, ...buses]) this.rules.set(name, []);
    for (const plan of rules) {
      const onBus = this.rules.get(plan.bus);
      if (!onBus) throw new Error(`the rule ${plan.id} is on the bus ${plan.bus}, which does not exist`);
      onBus.push({
        plan,
        matches: plan.pattern === null ? () => false : compilePattern(plan.pattern, plan.id),
        targets: plan.targets.map((target) => ({ arn: target.arn, input: compileInput(target, plan.id) })),
      });
    }
  }

  /** The name of a bus that a name or ARN means; null when there is none. */
  find(reference: string): string | null {
    const name = reference.split('/').at(-1) ?? '';
    return this.rules.has(name) ? name : null;
  }

  put(bus: string, entry: Entry): string {
    const event: BusEvent = {
      version: '0',
      id: randomUUID(),
      'detail-type': entry.detailType,
      source: entry.source,
      account: ACCOUNT,
      time: `${new Date(entry.time ?? Date.now()).toISOString().slice(0, 19)}Z`,
      region: REGION,
      resources: entry.resources ?? [],
      detail: entry.detail,
    };
    const matching = (this.rules.get(bus) ?? []).filter((rule) => rule.plan.enabled && rule.matches(event));
    const targets = matching.flatMap((rule) => rule.targets.map(({ arn }) => arn));
    this.noticed(bus, event, targets);
    for (const rule of matching) this.send(rule, event);
    return event.id;
  }

  /** Lets a schedule's rule reach its targets. */
  fire(plan: RulePlan): void {
    const rule = this.rules.get(plan.bus)?.find((candidate) => candidate.plan === plan);
    if (!rule) throw new Error(`${plan.id} is not a rule of this home`);
    this.send(rule, {
      version: '0',
      id: randomUUID(),
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      account: ACCOUNT,
      time: `${new Date().toISOString().slice(0, 19)}Z`,
      region: REGION,
      resources: [plan.arn],
      detail: {},
    });
  }

  private send({ plan, targets }: Rule, event: BusEvent): void {
    for (const target of targets) this.deliver(target.arn, target.input(event), plan);
  }
}

export const busArn = (name: string) => arn('events', `event-bus/${name}`);
