import type { Needed } from './service.ts';

/** One request that a function, or the person at this machine, made to a service. */
export interface Call {
  /** counts the calls of functions from 1; 0 for calls of the person at this machine */
  readonly n: number;
  /** milliseconds since 1970 */
  readonly at: number;
  /** label of the function, or `admin` */
  readonly caller: string;
  /** names the process */
  readonly accessKeyId: string;
  /** `s3`, `dynamodb`, `sqs`, `events`, `states`, `ses` */
  readonly service: string;
  readonly operation: string;
  readonly resource: string;
  /** permissions that it needed, or that its answer depended on */
  readonly needs: readonly Needed[];
  /** `done`, `denied`, `killed` or `lost` (by a fault of a test), or the code of the error */
  outcome: string;
  milliseconds: number;
}

/** Older calls are forgotten: an API that is read all day makes millions. */
const KEPT = 100_000;

/** The calls made so far. */
export class CallRecord {
  private kept: Call[] = [];
  private count = 0;

  get calls(): readonly Call[] {
    return this.kept;
  }

  add(call: Omit<Call, 'n' | 'outcome' | 'milliseconds'>, byFunction: boolean): Call {
    const added = { n: byFunction ? ++this.count : 0, ...call, outcome: 'under way', milliseconds: 0 };
    this.kept.push(added);
    if (this.kept.length > 2 * KEPT) this.kept = this.kept.slice(-KEPT);
    return added;
  }
}
