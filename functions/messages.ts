import * as z from 'zod';

/** What SQS hands over when only the fact that there are messages counts. */
export const Messages = z.object({ Records: z.array(z.object({ messageId: z.string(), body: z.string() })).min(1) });

/** One message of a queue whose batch size is 1, its body JSON of a kind. */
export const oneMessage = <S extends z.ZodType>(schema: S) =>
  z.object({
    Records: z.tuple([
      z.object({
        messageId: z.string(),
        body: z
          .string()
          .transform((text) => JSON.parse(text) as unknown)
          .pipe(schema),
      }),
    ]),
  });
