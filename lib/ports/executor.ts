/** Starts executions of the scoring state machine. Names are unique: starting a name twice starts one execution. */
export interface Executor {
  start(name: string, input: Readonly<Record<string, unknown>>): Promise<void>;
  /** Whether an execution of that name exists and has not ended. */
  isRunning(name: string): Promise<boolean>;
}
