import type { Home, HomeEvent } from '../../infra/local/home.ts';
import type { Step, Terminal } from './terminal.ts';

/** The steps of a run that are told, by state; the shards are one step. */
const STEPS: Readonly<Record<string, string>> = {
  plan: 'plan',
  complexity: 'complexity',
  gravity: 'gravity',
  shards: 'score',
  publish: 'publish',
};

/**
 * Tells what goes on in a home: the steps of a run as lines that stay, what runs now in the line at the bottom, and what went wrong.
 *
 * @returns what `dropFiles` wants to know while it waits, and the way to stop
 */
export function follow(home: Pick<Home, 'onEvent'>, screen: Terminal) {
  let events = 0;
  let bottom: Step | null = null;
  let failure = '';
  let givenUp: string | null = null;
  const running = new Map<string, number>();
  const warned = new Set<string>();
  const tell = (event: HomeEvent) => {
    events++;
    switch (event.type) {
      case 'function.started':
        running.set(event.function, (running.get(event.function) ?? 0) + 1);
        break;
      case 'function.finished':
        running.set(event.function, (running.get(event.function) ?? 1) - 1);
        break;
      case 'function.failed':
        running.set(event.function, (running.get(event.function) ?? 1) - 1);
        failure = firstLine(event.error.errorMessage);
        warn(`${event.function} failed: ${failure}`);
        break;
      case 'state.exited': {
        const step = STEPS[event.state];
        if (step) screen.line(step, step === 'plan' ? runOf(event.execution) : '', event.milliseconds);
        break;
      }
      case 'execution.changed':
        if (event.status !== 'RUNNING' && event.status !== 'SUCCEEDED')
          warn(`${runOf(event.execution)} ${event.status.toLowerCase()}: ${causeOf(event)}`);
        break;
      case 'message.dead':
        givenUp = `${subjectOf(event.body)} was given up after ${event.receives} attempts: ${failure || 'no reason was given'}`;
        warn(givenUp);
        break;
      case 'access.denied':
        warn(`${event.function} may not ${event.action} ${event.resource}`);
        break;
      case 'mail.arrived':
        screen.print(`  ${screen.paint('bold', 'e-mail')} to ${event.receiver}: ${event.subject}`);
        break;
      case 'object.created':
      case 'event.put':
      case 'state.entered':
        break;
    }
    const now = [...running].flatMap(([name, instances]) =>
      instances < 1 || name === 'api' ? [] : instances > 1 ? `${name} ×${instances}` : name,
    );
    if (now.length > 0) bottom?.say(now.join(', '));
  };
  // what is tried again goes wrong again in the same words: said once
  const warn = (line: string) => {
    if (!warned.has(line)) screen.print(`  ${screen.paint('yellow', line)}`);
    warned.add(line);
  };
  const end = home.onEvent(tell);
  return {
    activity: () => events,
    givenUp: () => givenUp,
    onWaiting(step: Step) {
      bottom = step;
    },
    end,
  };
}

/** Why an execution ended badly: the message of the function that failed, where it was a function. */
function causeOf({ cause, error }: { cause: string | null; error: string | null }): string {
  try {
    return firstLine(JSON.parse(cause ?? '').errorMessage);
  } catch {
    return firstLine(cause ?? error ?? 'no reason was given');
  }
}

/** The object that a message is about, where it is about one. */
const subjectOf = (body: string) => /"key":"([^"]+)"/.exec(body.replaceAll('\\"', '"'))?.[1] ?? 'a message';

const firstLine = (text: string) => text.split('\n', 1)[0] ?? '';

/** 'run 0f3a…' of an execution's name or ARN, which is the run and the attempt. */
function runOf(execution: string): string {
  const name = execution.split(':').at(-1) ?? execution;
  return `run ${name.replace(/-\d+$/, '')}`;
}
