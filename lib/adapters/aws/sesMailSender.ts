import { BadRequestException, MessageRejected, SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2';
import type { MailSender } from '../../ports/mailSender.ts';

export interface MailOptions {
  /** an address of a verified identity */
  readonly from: string;
  /** says what becomes of e-mails: bounces and complaints */
  readonly configurationSet: string;
  readonly client?: SESv2Client;
}

/** E-mails through SES. The client does not try again by itself: an attempt whose answer was lost may have been accepted. */
export function sesMailSender({ from, configurationSet, client }: MailOptions): MailSender {
  const ses = client ?? new SESv2Client({ maxAttempts: 1 });
  return {
    async send({ to, subject, html, text, headers }) {
      const utf8 = (Data: string) => ({ Data, Charset: 'UTF-8' });
      try {
        await ses.send(
          new SendEmailCommand({
            FromEmailAddress: from,
            Destination: { ToAddresses: [to] },
            ConfigurationSetName: configurationSet,
            Content: {
              Simple: {
                Subject: utf8(subject),
                Body: { Html: utf8(html), Text: utf8(text) },
                Headers: Object.entries(headers).map(([Name, Value]) => ({ Name, Value })),
              },
            },
          }),
        );
        return { fault: null, again: false };
      } catch (error) {
        // the service's own words may hold the address
        const name = error instanceof Error ? error.name : 'an unknown error';
        const refused = error instanceof MessageRejected || error instanceof BadRequestException;
        return { fault: `the mail service answered ${name}`, again: !refused };
      }
    },
  };
}
