const UNIT_MS: Readonly<Record<string, number>> = {
  minute: 60_000,
  minutes: 60_000,
  hour: 3_600_000,
  hours: 3_600_000,
  day: 86_400_000,
  days: 86_400_000,
};

const MINUTE = 60_000;
const DAY = 86_400_000;
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];

/** 29 February comes at least once in eight years; what has not come by then never will. */
const HORIZON = 8 * 366 * DAY;

/**
 * Compiles `rate(n unit)` or `cron(minute hour day month weekday year)` (UTC) to: the first time after another.
 * Times are milliseconds since 1970; a rate counts from the time it is given.
 *
 * @throws Error for an expression that is not implemented
 */
export function compileSchedule(expression: string, place: string): (after: number) => number | null {
  const rate = /^rate\((\d+) (\w+)\)$/.exec(expression);
  const unit = UNIT_MS[rate?.[2] ?? ''];
  if (rate && unit !== undefined) return (after) => after + Number(rate[1]) * unit;

  const cron = /^cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)$/.exec(expression);
  if (!cron) throw new Error(`${place}: the schedule ${expression} is not implemented by the local home`);
  const field = (at: number, first: number, names: readonly string[] = []) =>
    compileField(cron[at] as string, first, names, `${place}: ${expression}`);
  const minute = field(1, 0);
  const hour = field(2, 0);
  const day = field(3, 1);
  const month = field(4, 1, MONTHS);
  const weekday = field(5, 1, DAYS);
  const year = field(6, 1970);
  const onDay = (at: Date) =>
    day(at.getUTCDate()) && month(at.getUTCMonth() + 1) && weekday(at.getUTCDay() + 1) && year(at.getUTCFullYear());
  return (after) => {
    let time = (Math.floor(after / MINUTE) + 1) * MINUTE;
    while (time < after + HORIZON) {
      const at = new Date(time);
      if (!onDay(at)) time = (Math.floor(time / DAY) + 1) * DAY;
      else if (minute(at.getUTCMinutes()) && hour(at.getUTCHours())) return time;
      else time += MINUTE;
    }
    return null;
  };
}

// One field: `*`, `?`, `5`, `1,15`, `1-5`, `0/10` or `*/10`, with names of months and days.
function compileField(
  field: string,
  first: number,
  names: readonly string[],
  place: string,
): (value: number) => boolean {
  const number = (text: string): number => {
    const named = names.indexOf(text.toUpperCase());
    const value = named >= 0 ? named + 1 : Number(text);
    if (!Number.isInteger(value)) throw new Error(`${place}: ${text} is not implemented by the local home`);
    return value;
  };
  const tests = field.split(',').map((part): ((value: number) => boolean) => {
    if (part === '*' || part === '?') return () => true;
    const [range = '', step] = part.split('/');
    const [from = '', to] = range.split('-');
    const start = from === '*' ? first : number(from);
    const end = to === undefined ? (step === undefined && from !== '*' ? start : Number.POSITIVE_INFINITY) : number(to);
    const every = step === undefined ? 1 : number(step);
    return (value) => value >= start && value <= end && (value - start) % every === 0;
  });
  return (value) => tests.some((test) => test(value));
}
