import type { FunctionPlan } from '../template/blueprint.ts';
import type { Functions } from './functions.ts';

/** Lambda tries an event for which nobody waits three times. */
const ATTEMPTS = 3;
const PAUSE_SECONDS = 60;

/** Events handed to functions by services that do not wait for an answer. */
export class AsyncInvocations {
  private readonly functions: Functions;
  private readonly restSeconds: number;
  private readonly pauses = new Set<NodeJS.Timeout>();
  private underWay = 0;
  private closed = false;

  /** @param restSeconds  no pause between two attempts is longer */
  constructor(functions: Functions, restSeconds: number) {
    this.functions = functions;
    this.restSeconds = restSeconds;
  }

  busy(): boolean {
    return this.underWay > 0;
  }

  invoke(plan: FunctionPlan, payload: string): void {
    this.underWay++;
    void this.attempt(plan, payload, 1);
  }

  private async attempt(plan: FunctionPlan, payload: string, attempt: number): Promise<void> {
    const result = await this.functions.invoke(plan, payload);
    if (result.ok || attempt === ATTEMPTS || this.closed) {
      this.underWay--;
      return;
    }
    const pause = setTimeout(
      () => {
        this.pauses.delete(pause);
        void this.attempt(plan, payload, attempt + 1);
      },
      Math.min(this.restSeconds, attempt * PAUSE_SECONDS) * 1000,
    );
    this.pauses.add(pause);
  }

  close(): void {
    this.closed = true;
    for (const pause of this.pauses) clearTimeout(pause);
  }
}
