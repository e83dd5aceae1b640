/** Posts to addresses that strangers chose. */
export interface WebhookSender {
  /**
   * Posts once. Never follows a redirect, never connects to an address that is not public, gives up after a time and after some bytes of
   * the answer. Never throws: what went wrong is an answer.
   */
  post(url: string, headers: Readonly<Record<string, string>>, body: string): Promise<WebhookAnswer>;
  /** Why an address may not be posted to, or null; looks at what is written only. */
  refusal(url: string): string | null;
}

export interface WebhookAnswer {
  /** the status that the receiver answered; null when there was no answer */
  readonly status: number | null;
  /** seconds that the receiver asks to be left alone (Retry-After) */
  readonly retryAfterSeconds: number | null;
  /** what went wrong, in words that name nothing of the answer's content; null when the status is 2xx */
  readonly fault: string | null;
  /** the beginning of the answer: only for the handshake, never shown to anybody */
  readonly body: string;
}
