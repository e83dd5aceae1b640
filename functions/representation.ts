import { createHash } from 'node:crypto';
import { Failure } from '../lib/core/errors.ts';
import { type Answer, header, type Stack } from './exchange.ts';
import { acceptable, type Format, MEDIA_TYPES } from './mediaTypes.ts';
import { toCsv, toNdjson } from './tables.ts';

/** An answer in the format asked for, with its validators; 304 when the caller has it already. */
export function representation(codeVersion: string): Stack {
  return {
    after: (request) => {
      const { event } = request;
      const answer = request.response as Answer;
      const available: Format[] = answer.table ? ['json', 'csv', 'ndjson'] : ['json'];
      const format = answer.format ?? acceptable(header(event, 'accept'), available);
      if (!format) {
        throw new Failure('format.notAcceptable', {
          accept: header(event, 'accept') ?? '',
          allowed: available.map((each) => MEDIA_TYPES[each]),
        });
      }
      const body = render(answer, format);
      const { run } = answer;
      const identity = run ? [run.run, run.beside ?? '', codeVersion, answer.canonical, format].join('\n') : body;
      const etag = `"${createHash('sha256').update(identity).digest('base64url').slice(0, 27)}"`;
      const reason = answer.body.reason as { code: string } | undefined;
      const headers: Record<string, string> = {
        etag,
        vary: 'Accept, Accept-Encoding',
        'cache-control': run ? 'public, max-age=300, stale-while-revalidate=60' : 'no-cache',
        ...(run && { 'last-modified': new Date(run.publishedAt).toUTCString(), 'x-run-id': run.run }),
        ...(run?.synthetic && { 'x-synthetic': 'true' }),
        ...(reason && { 'x-reason': reason.code }),
        ...(answer.body.truncated === true && { 'x-truncated': 'true' }),
        ...(answer.next !== null && { link: `<${answer.next}>; rel="next"` }),
      };
      if (matches(header(event, 'if-none-match'), etag)) {
        request.response = { statusCode: 304, headers, body: '' };
        return;
      }
      headers['content-type'] = `${MEDIA_TYPES[format]}; charset=utf-8`;
      if (format !== 'json') {
        headers['content-disposition'] = `attachment; filename="${filename(answer, format)}"`;
      }
      request.response = { statusCode: 200, headers, body };
    },
  };
}

function render({ body, table, byteOrderMark }: Answer, format: Format): string {
  if (format === 'json' || !table) return JSON.stringify(body);
  return format === 'csv'
    ? `${byteOrderMark ? '\uFEFF' : ''}${toCsv(table.columns, table.rows)}`
    : toNdjson(table.rows);
}

function filename({ table, run }: Answer, format: Format): string {
  const parts = ['portolan', ...(run?.synthetic ? ['SYNTHETIC'] : []), table?.name, ...(run ? [run.run] : [])];
  return `${parts.join('-').replace(/[^\w.-]/g, '_')}.${format}`;
}

/** Whether If-None-Match names the tag; tags are compared without their weakness mark, as RFC 9110 asks here. */
function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch
    .split(',')
    .map((each) => each.trim().replace(/^W\//, ''))
    .some((each) => each === '*' || each === etag);
}
