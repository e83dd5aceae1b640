import type { DuckDBConnection } from '@duckdb/node-api';
import { withDatabase } from '../../../lib/adapters/files/database.ts';
import { scratchFolder } from '../../../lib/adapters/files/scratchFolder.ts';
import { covariance, type Dependence } from '../../../lib/core/gravity/ppml/covariance.ts';
import { type Factor, interaction, unordered } from '../../../lib/core/gravity/ppml/factor.ts';
import type { Model } from '../../../lib/core/gravity/ppml/model.ts';
import { ppml as fitPpml, type PpmlFit, type Warning } from '../../../lib/core/gravity/ppml/ppml.ts';
import type { SmallSample } from '../../../lib/core/gravity/ppml/smallSample.ts';
import { command, nearest, UsageError } from '../command.ts';
import { type GravityTable, openGravityFile, readGravityTable } from '../gravityTable.ts';
import { type FactorTerm, factorTerms, type NumberTerm, numberTerms } from '../gravityTerms.ts';
import { table } from '../table.ts';
import { count, seconds, type Terminal } from '../terminal.ts';

const RULES: readonly SmallSample[] = ['none', 'G/(G-1)', 'fixest'];

export const ppml = command({
  name: 'ppml',
  summary: 'Estimates a gravity equation by Poisson pseudo-maximum likelihood with any number of fixed effects.',
  operands: 'FILE',
  atLeast: 1,
  atMost: 1,
  options: {
    y: { value: 'COLUMN', help: 'what is explained, zeros included: trade' },
    x: { value: 'TERMS', help: 'regressors: ldist,rta or log(dist),rta' },
    fe: { value: 'TERMS', help: 'effects to absorb: exporter^year,importer^year,exporter~importer' },
    cluster: { value: 'TERMS', help: 'cluster standard errors by one term or two; robust when not given' },
    iid: { help: 'standard errors as if outcomes were Poisson' },
    offset: { value: 'TERM', help: 'enters with a coefficient of one' },
    weights: { value: 'COLUMN', help: 'how often a row counts' },
    where: { value: 'CONDITION', help: 'rows to use, in SQL: "exporter <> importer AND year >= 2000"' },
    'small-sample': { value: 'RULE', help: `${RULES.join(', ')}; fixest when not given` },
    'keep-singletons': { help: 'count rows that are alone in a level among the observations' },
    json: { help: 'print one JSON object with all digits' },
  },
  details: `FILE is CSV (also .gz, .zst) or Parquet. A term is a column, or in --x and --offset log(COLUMN), or in --fe and --cluster
A^B (every combination) or A~B (a pair in either order). Without a column of that name, exporter_year means exporter^year,
and pair means exporter^importer. Rows with a missing value are left out and counted.

  portolan ppml panel.csv.gz --y trade --x ldist,rta --fe exporter_year,importer_year --cluster pair

Rows that prove to be separated (their fitted mean is 0) are dropped first, as are rows alone in a level and regressors that the
effects explain; the result says how many. Small-sample rules multiply the covariance by 1 (none), by G/(G-1) for G clusters, or by that
and (N-1)/(N-K) (fixest; K counts effects that are not nested in a cluster). Ends with 1 when the fit did not converge.`,
  async run([path = ''], values, screen) {
    const { y, x = '', fe = '', cluster = '', offset, weights, where, iid, json } = values;
    if (y === undefined) throw new UsageError('ppml: --y COLUMN is missing: what is to be explained?');
    const rule = smallSampleRule(values['small-sample']);
    const started = performance.now();
    const told = progress(screen);
    return await scratchFolder((folder) =>
      withDatabase(folder, async (db) => {
        const file = await openGravityFile(db, path);
        const terms: Terms = {
          y: one('--y', numberTerms('--y', y, file.columns)),
          x: numberTerms('--x', x, file.columns),
          effects: factorTerms('--fe', fe, file.columns),
          clusters: factorTerms('--cluster', cluster, file.columns),
          offset: offset === undefined ? null : one('--offset', numberTerms('--offset', offset, file.columns)),
          weights: weights === undefined ? null : one('--weights', numberTerms('--weights', weights, file.columns)),
        };
        const twice = terms.x.find(({ name }, at) => terms.x.findIndex((term) => term.name === name) !== at);
        if (twice) throw new UsageError(`ppml: --x names ${twice.name} twice`);
        if (terms.clusters.length > 2) throw new UsageError('ppml: --cluster takes one term or two');
        if (iid && terms.clusters.length > 0) throw new UsageError('ppml: --iid and --cluster exclude each other');
        const data = await readTerms(db, file, terms, where);
        told(
          `read ${count(data.rows)} rows${data.missing ? `, left out ${count(data.missing)} with missing values` : ''}`,
          started,
        );

        const fitting = performance.now();
        const factors = new Map<string, Factor>();
        const model = modelOf(terms, data, factors);
        const fit = fitPpml(model, { singletons: values['keep-singletons'] ? 'keep' : 'drop' });
        const dependence = dependenceOf(terms, data, factors, iid === true);
        const errors = fit.fitted ? covariance(fit.fitted, dependence, rule) : null;
        const fitSeconds = (performance.now() - fitting) / 1000;
        told(`fitted in ${fit.iterations} iterations`, fitting);
        const result = { terms, fit, errors, dependence, rule, missing: data.missing, seconds: fitSeconds };
        if (json) screen.print(JSON.stringify(asJson(result), null, 2));
        else show(result, screen);
        return fit.converged ? 0 : 1;
      }),
    );
  },
});

interface Terms {
  readonly y: NumberTerm;
  readonly x: readonly NumberTerm[];
  readonly effects: readonly FactorTerm[];
  readonly clusters: readonly FactorTerm[];
  readonly offset: NumberTerm | null;
  readonly weights: NumberTerm | null;
}

interface Result {
  readonly terms: Terms;
  readonly fit: PpmlFit;
  readonly errors: ReturnType<typeof covariance> | null;
  readonly dependence: Dependence;
  readonly rule: SmallSample;
  readonly missing: number;
  readonly seconds: number;
}

function smallSampleRule(given: string | undefined): SmallSample {
  if (given === undefined) return 'fixest';
  const rule = RULES.find((known) => known === given);
  if (rule) return rule;
  const near = nearest(given, RULES);
  throw new UsageError(
    `ppml: there is no rule ${given}; ${near ? `did you mean ${near}?` : `there are ${RULES.join(', ')}`}`,
  );
}

function one(option: string, terms: readonly NumberTerm[]): NumberTerm {
  const [term, ...more] = terms;
  if (!term || more.length > 0) throw new UsageError(`ppml: ${option} takes one term`);
  return term;
}

/** Lines on the error output, so that the standard output is the result alone. */
const progress = (screen: Terminal) => (text: string, since: number) =>
  screen.complain(screen.paint('dim', `${text}, ${seconds(performance.now() - since)}`));

function readTerms(
  db: DuckDBConnection,
  file: Awaited<ReturnType<typeof openGravityFile>>,
  { y, x, effects, clusters, offset, weights }: Terms,
  where: string | undefined,
): Promise<GravityTable> {
  const numeric = [y, ...x, offset, weights].flatMap((term) => (term ? [term.column] : []));
  const categorical = [...effects, ...clusters].flatMap(({ columns }) => columns);
  return readGravityTable(db, file, { numbers: [...new Set(numeric)], factors: [...new Set(categorical)], where });
}

function modelOf(terms: Terms, data: GravityTable, made: Map<string, Factor>): Model {
  const values = ({ name, column, log }: NumberTerm): Float64Array => {
    const valueN = data.numbers.get(column) ?? new Float64Array(0);
    if (!log) return valueN;
    const bad = valueN.find((value) => !(value > 0));
    if (bad !== undefined) throw new UsageError(`ppml: ${name}: the column holds ${bad}, which has no logarithm`);
    return valueN.map(Math.log);
  };
  const yN = values(terms.y);
  const negative = yN.find((y) => y < 0);
  if (negative !== undefined)
    throw new UsageError(`ppml: --y ${terms.y.name} holds ${negative}; outcomes are zero or more`);
  const weightN = terms.weights && values(terms.weights);
  const light = weightN?.find((weight) => weight <= 0);
  if (light !== undefined)
    throw new UsageError(`ppml: --weights ${terms.weights?.name} holds ${light}; weights are more than zero`);
  return {
    yN,
    columns: terms.x.map((term) => ({ name: term.name, valueN: values(term) })),
    effects: terms.effects.map((term) => factorOf(term, data, made)),
    ...(terms.offset ? { offsetN: values(terms.offset) } : {}),
    ...(weightN ? { weightN } : {}),
  };
}

/** A term's factor, made once: a cluster is often an effect as well. */
function factorOf(
  { name, columns, unordered: eitherWay }: FactorTerm,
  { factors }: GravityTable,
  made: Map<string, Factor>,
): Factor {
  const key = columns.join(eitherWay ? '~' : '^');
  const parts = columns.flatMap((column) => factors.get(column) ?? []);
  const combine = eitherWay ? unordered : interaction;
  const whole = made.get(key) ?? parts.reduce((sofar, part) => combine(name, sofar, part));
  made.set(key, whole);
  return { ...whole, name };
}

function dependenceOf({ clusters }: Terms, data: GravityTable, made: Map<string, Factor>, iid: boolean): Dependence {
  const [first, second] = clusters.map((term) => factorOf(term, data, made));
  if (first) return { kind: 'cluster', by: second ? [first, second] : [first] };
  return { kind: iid ? 'iid' : 'robust' };
}

function asJson({ terms, fit, errors, dependence, rule, missing, seconds: took }: Result) {
  const { observations, dropped, deviance, converged, iterations, firstOrder, warnings } = fit;
  return {
    coefficients: fit.coefficients.map(({ name, estimate }, k) => ({
      name,
      estimate,
      standardError: errors?.standardErrorK[k] ?? null,
    })),
    effects: fit.model.effects.map(({ name }) => name),
    observations,
    dropped: { ...dropped, missing },
    deviance,
    converged,
    iterations,
    innerIterations: fit.innerIterations,
    firstOrder,
    warnings,
    covariance: {
      kind: dependence.kind,
      clusters: terms.clusters.map(({ name }, at) => ({ name, groups: errors?.groups[at] ?? null })),
      smallSample: rule,
      smallSampleFactor: errors?.smallSampleFactor ?? null,
      clipped: errors?.clipped ?? false,
    },
    seconds: took,
  };
}

function show({ terms, fit, errors, dependence, rule, missing, seconds: took }: Result, screen: Terminal): void {
  const { observations, dropped, deviance, iterations, innerIterations, firstOrder } = fit;
  const number = (value: number | undefined) =>
    value === undefined || Number.isNaN(value) ? '.' : value.toPrecision(7);
  const { head, body } = table(
    [{ heading: '' }, ...['estimate', 'std. error', 'z'].map((heading) => ({ heading, number: true }))],
    fit.coefficients.map(({ name, estimate }, k) => {
      const error = errors?.standardErrorK[k];
      return [name, number(estimate), number(error), error ? (estimate / error).toFixed(2) : '.'];
    }),
  );
  screen.print(screen.paint('bold', head));
  for (const line of body) screen.print(line);
  const line = (label: string, text: string) => screen.print(`${screen.paint('dim', label.padEnd(14))} ${text}`);
  screen.print();
  line(
    'effects',
    fit.model.effects.map(({ name, levels }) => `${name} (${count(levels.length)})`).join(', ') || 'a constant',
  );
  line('observations', count(observations));
  const { effect, certificate, mu } = dropped.separatedBy;
  line(
    'separated',
    `${count(dropped.separated)} (${count(effect)} by effects, ${count(certificate)} by a certificate, ${count(mu)} by means)`,
  );
  line('singletons', count(dropped.singletons));
  if (missing > 0) line('missing', count(missing));
  if (dropped.collinear.length > 0) line('collinear', dropped.collinear.join(', '));
  const groups = terms.clusters.map(({ name }, at) => `${name} (${count(errors?.groups[at] ?? 0)})`).join(' and ');
  line(
    'std. errors',
    `${dependence.kind === 'cluster' ? `clustered by ${groups}` : dependence.kind}, small sample ${rule}`,
  );
  line('deviance', String(deviance));
  line(
    'first order',
    `regressors ${firstOrder.regressors.toExponential(1)}, margins ${firstOrder.margins.toExponential(1)}`,
  );
  line('iterations', `${iterations} (${count(innerIterations)} inside), ${took.toFixed(2)} s`);
  if (errors?.clipped)
    screen.print(screen.paint('yellow', 'The two-way covariance was not positive; its negative part was set to zero.'));
  for (const warning of fit.warnings) screen.complain(screen.paint('yellow', inWords(warning)));
  if (!fit.converged) screen.complain(screen.paint('red', 'Not converged: these numbers are no estimates.'));
}

function inWords(warning: Warning): string {
  switch (warning.kind) {
    case 'noRows':
      return 'No row is left to estimate from.';
    case 'notConverged':
      return {
        iterations: 'The iterations reached their limit.',
        noDescent: 'No step lowers the deviance any further.',
        singular: 'The regressors say nothing about some combination of coefficients.',
      }[warning.why];
    case 'existenceUnproved':
      return `The fitted means of ${count(warning.rows)} zeros keep falling: a maximum may not exist.`;
    case 'separatedByMu':
      return `${count(warning.rows)} rows were dropped because their fitted means vanish, without proof that they are separated.`;
    case 'illConditioned':
      return `Some combination of coefficients is hardly identified (smallest pivot ${warning.smallestPivot.toExponential(1)}).`;
  }
}
