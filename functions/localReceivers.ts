/**
 * The receivers on this machine that webhooks may go to, `127.0.0.1:8644` and the like: none, unless all of AWS is on this machine too.
 * The home that executes the template here sets both variables; in an account the SDK's endpoint is not this machine, whatever else is set.
 */
export function localReceivers(env: Readonly<Record<string, string | undefined>>): string[] {
  const { AWS_ENDPOINT_URL = '', LOCAL_RECEIVERS = '' } = env;
  if (!URL.canParse(AWS_ENDPOINT_URL) || new URL(AWS_ENDPOINT_URL).hostname !== '127.0.0.1') return [];
  return LOCAL_RECEIVERS.split(',').filter((receiver) => receiver !== '');
}
