/** Hands e-mails to whoever brings them to people. */
export interface MailSender {
  /** Sends one e-mail to one person. Never throws: what went wrong is an answer. */
  send(mail: Mail): Promise<MailAnswer>;
}

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface MailAnswer {
  /** what went wrong, in words without anybody's address; null when the e-mail was accepted */
  readonly fault: string | null;
  /** whether it may go better later */
  readonly again: boolean;
}
