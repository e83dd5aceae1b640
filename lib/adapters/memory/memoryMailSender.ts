import type { Mail, MailAnswer, MailSender } from '../../ports/mailSender.ts';

/** Keeps what was sent, in order. What it answers may be set beforehand, an answer an e-mail; else it accepts. */
export function memoryMailSender(...answers: MailAnswer[]): MailSender & { sent: Mail[] } {
  const sent: Mail[] = [];
  return {
    sent,
    async send(mail) {
      const answer = answers.shift() ?? { fault: null, again: false };
      if (answer.fault === null) sent.push(mail);
      return answer;
    },
  };
}
