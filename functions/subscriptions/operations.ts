import type * as z from 'zod';
import * as s from './schemas.ts';

/** One thing that can be done with subscriptions, as the router, the OpenAPI document and the reader know it. */
export interface Operation {
  readonly id: keyof typeof OPERATIONS;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly summary: string;
  /** token: the management token as bearer. link: the token of a link in a message. anybody: none, or whichever it takes */
  readonly by: 'token' | 'link' | 'anybody';
  readonly body?: z.ZodType;
  readonly status: number;
  /** html: a page; null: nothing */
  readonly answer: z.ZodType | 'html' | null;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

type Written = Omit<Operation, 'id'>;
const ONE = '/v1/subscriptions/{subscription}';
const LINK = { token: 'The one in the link.' };

const OPERATIONS = {
  create: {
    method: 'POST',
    path: '/v1/subscriptions',
    summary: 'Begins a subscription; its receiver is asked first',
    by: 'anybody',
    body: s.CreateBody,
    status: 202,
    answer: s.SubscriptionBegun,
    headers: {
      'Idempotency-Key':
        'A random text of 16 to 128 characters. The same key and body get the same answer for 24 hours; another body gets 409.',
    },
  },
  list: {
    method: 'GET',
    path: '/v1/subscriptions',
    summary: 'The confirmed subscriptions of the same e-mail address or chat; of other channels, this one',
    by: 'token',
    status: 200,
    answer: s.Subscriptions,
  },
  eraseAll: {
    method: 'DELETE',
    path: '/v1/subscriptions',
    summary: 'Erases all that the list shows, with its history',
    by: 'token',
    status: 204,
    answer: null,
    query: { never: '1: nothing is ever sent to the address again; only its hash is kept.' },
  },
  preview: {
    method: 'POST',
    path: '/v1/subscriptions/preview',
    summary: 'What a subscription would have brought on the last run',
    by: 'anybody',
    body: s.PreviewBody,
    status: 200,
    answer: s.Preview,
  },
  export: {
    method: 'GET',
    path: '/v1/subscriptions/export',
    summary: 'Everything that is kept about the receiver',
    by: 'token',
    status: 200,
    answer: s.SubscriptionExport,
  },
  get: {
    method: 'GET',
    path: ONE,
    summary: 'One subscription',
    by: 'token',
    status: 200,
    answer: s.SubscriptionAnswer,
  },
  change: {
    method: 'PATCH',
    path: ONE,
    summary: 'Changes what is given; a filter as a whole. Another receiver is another subscription',
    by: 'token',
    body: s.ChangeBody,
    status: 200,
    answer: s.SubscriptionAnswer,
  },
  erase: {
    method: 'DELETE',
    path: ONE,
    summary: 'Erases one subscription with its history',
    by: 'token',
    status: 204,
    answer: null,
  },
  confirmPage: {
    method: 'GET',
    path: `${ONE}/confirm`,
    summary: 'The page that a confirming link leads to',
    by: 'link',
    status: 200,
    answer: 'html',
    query: LINK,
  },
  confirm: {
    method: 'POST',
    path: `${ONE}/confirm`,
    summary:
      "Confirms: the page's button with the token of the link; or, with the management token, sends a webhook its challenge",
    by: 'anybody',
    status: 200,
    answer: s.SubscriptionAnswer,
    query: LINK,
  },
  unsubscribePage: {
    method: 'GET',
    path: `${ONE}/unsubscribe`,
    summary: 'The page that an unsubscribing link leads to',
    by: 'link',
    status: 200,
    answer: 'html',
    query: LINK,
  },
  unsubscribe: {
    method: 'POST',
    path: `${ONE}/unsubscribe`,
    summary: 'Ends the messages with one click (RFC 8058)',
    by: 'link',
    status: 200,
    answer: 'html',
    query: LINK,
  },
  pause: {
    method: 'POST',
    path: `${ONE}/pause`,
    summary: 'Sends nothing until it is resumed',
    by: 'token',
    status: 200,
    answer: s.SubscriptionAnswer,
  },
  resume: {
    method: 'POST',
    path: `${ONE}/resume`,
    summary: 'Goes on from now; one that its receiver ended asks again',
    by: 'token',
    status: 200,
    answer: s.SubscriptionAnswer,
  },
  rotateToken: {
    method: 'POST',
    path: `${ONE}/token`,
    summary: 'A new management token; the old one is void at once',
    by: 'token',
    status: 200,
    answer: s.TokenRotated,
  },
  rotateSecret: {
    method: 'POST',
    path: `${ONE}/secret`,
    summary: 'A new signing secret; for a day messages carry both signatures',
    by: 'token',
    status: 200,
    answer: s.SecretRotated,
  },
  test: {
    method: 'POST',
    path: `${ONE}/test`,
    summary: 'Sends a message that says it is a test',
    by: 'token',
    status: 202,
    answer: s.DeliveryAnswer,
  },
  deliveries: {
    method: 'GET',
    path: `${ONE}/deliveries`,
    summary: 'What was sent in the last 30 days, and how each attempt went',
    by: 'token',
    status: 200,
    answer: s.Deliveries,
  },
  replay: {
    method: 'POST',
    path: `${ONE}/deliveries/{delivery}/replay`,
    summary: 'Sends what a delivery said again, under the same webhook-id',
    by: 'token',
    status: 202,
    answer: s.DeliveryAnswer,
  },
} as const satisfies Record<string, Written>;

export const operations: readonly Operation[] = Object.entries(OPERATIONS).map(([id, operation]) => ({
  id: id as Operation['id'],
  ...(operation as Written),
}));
