/** What the command line asks of an AWS account. */
export interface Account {
  /** who the credentials of the shell are; throws when there are none, or nobody can be reached */
  identity(): Promise<{ account: string; arn: string }>;
  /** where requests go; throws when no region is set */
  region(): Promise<string>;
  /** the version of the CDK's bootstrap stack; null: the region is not bootstrapped */
  bootstrap(): Promise<number | null>;
  /** function instances that may run at once in the region */
  concurrency(): Promise<number>;
  /** null: SES knows neither the address nor its domain */
  sender(address: string): Promise<{ verified: boolean; sandbox: boolean } | null>;
  /** null: there is no such stack */
  outputs(stack: string): Promise<Readonly<Record<string, string>> | null>;
  /** lets a protected stack be deleted */
  unprotect(stack: string): Promise<void>;
  /** removes every object, every version of it and every unfinished upload; says how many it removed */
  empty(bucket: string): Promise<number>;
  /** makes table `to` hold exactly what `from` holds; see copyTable */
  copyTable(from: string, to: string, onItem: (written: number) => void): Promise<{ written: number; removed: number }>;
  /** sends the messages of a dead-letter queue back to where they failed; says how many there were about */
  redrive(deadLettersUrl: string): Promise<number>;
}

/** The stacks of a stage, in the order in which they come. */
export const stacksOf = (stage: string) => ({
  data: `portolan-${stage}-data`,
  service: `portolan-${stage}-service`,
});
