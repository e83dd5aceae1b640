import { randomUUID } from 'node:crypto';
import { readBody } from '../front/readBody.ts';
import { notImplemented, type Service, ServiceError } from '../front/service.ts';
import { arn } from '../template/names.ts';
import type { Mailbox } from './mailbox.ts';

/** What SES takes in one piece. */
const LARGEST_MAIL = 10 << 20;
const ADDRESS = /^[^\s@<>,]+@[^\s@<>,]+\.[^\s@<>,]+$/;

interface Text {
  readonly Data?: string;
}
interface SendEmail {
  readonly FromEmailAddress?: string;
  readonly Destination?: {
    readonly ToAddresses?: string[];
    readonly CcAddresses?: string[];
    readonly BccAddresses?: string[];
  };
  readonly ConfigurationSetName?: string;
  readonly Content?: {
    readonly Simple?: {
      readonly Subject?: Text;
      readonly Body?: { readonly Html?: Text; readonly Text?: Text };
      readonly Headers?: { readonly Name: string; readonly Value: string }[];
    };
  };
}

/** SES (API v2) over HTTP, as far as one e-mail to one person goes: it is put into the mailbox of this machine. */
export function mailService(mailbox: Mailbox): Service {
  return {
    scope: 'ses',
    async prepare({ request, path }) {
      if (request.method !== 'POST' || path !== '/v2/email/outbound-emails')
        throw notImplemented(`SES: ${request.method} ${path}`);
      const asked = JSON.parse(Buffer.from(await readBody(request)).toString() || '{}') as SendEmail;
      const { FromEmailAddress: sender = '', ConfigurationSetName: set } = asked;
      const identity = arn('ses', `identity/${sender}`);
      return {
        operation: 'SendEmail',
        resource: identity,
        needs: [
          { action: 'ses:SendEmail', resource: identity },
          ...(set === undefined ? [] : [{ action: 'ses:SendEmail', resource: arn('ses', `configuration-set/${set}`) }]),
        ],
        run: async () => {
          const { id } = mailbox.put(checked(asked, sender));
          return { status: 200, headers: JSON_TYPE, body: JSON.stringify({ MessageId: id }) };
        },
      };
    },
    refuse: ({ code, message, status }) => ({
      status,
      headers: { ...JSON_TYPE, 'x-amzn-errortype': code, 'x-amzn-requestid': randomUUID() },
      body: JSON.stringify({ message }),
    }),
  };
}

const JSON_TYPE = { 'content-type': 'application/json' };

/** What SES would refuse is refused here in its words. */
function checked({ Destination = {}, Content = {} }: SendEmail, sender: string) {
  const { ToAddresses = [], CcAddresses = [], BccAddresses = [] } = Destination;
  if (!Content.Simple) throw notImplemented('SES: content other than Simple');
  const [receiver = '', ...others] = [...ToAddresses, ...CcAddresses, ...BccAddresses];
  if (others.length > 0) throw notImplemented('SES: e-mails to several people');
  for (const address of [sender, receiver])
    if (!ADDRESS.test(address)) throw new ServiceError('BadRequestException', 'Illegal address');
  const { Subject, Body, Headers = [] } = Content.Simple;
  const [subject, html, body] = [Subject?.Data ?? '', Body?.Html?.Data ?? '', Body?.Text?.Data ?? ''];
  if (subject === '' || (html === '' && body === ''))
    throw new ServiceError('BadRequestException', 'Subject and body are required');
  if (Buffer.byteLength(html) + Buffer.byteLength(body) > LARGEST_MAIL)
    throw new ServiceError('MessageRejected', 'The message is too long');
  return { sender, receiver, subject, html, body, headers: Headers };
}
