/** Hands a message to whoever works on this queue. At least once, in no promised order. */
export interface Queue {
  send(body: string): Promise<void>;
}
