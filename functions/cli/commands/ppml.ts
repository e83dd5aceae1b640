import type { DuckDBConnection } from '@duckdb/node-api';
import { withDatabase } from '../../../lib/adapters/files/database.ts';
import { scratchFolder } from '../../../lib/adapters/files/scratchFolder.ts';
import { covariance, type Dependence } from '../../../lib/core/gravity/ppml/covariance.ts';
import { type Factor, interaction, restrict, unordered } from '../../../lib/core/gravity/ppml/factor.ts';
import type { Model } from '../../../lib/core/gravity/ppml/model.ts';
import { type OlsFit, ols } from '../../../lib/core/gravity/ppml/ols.ts';
import { pick } from '../../../lib/core/gravity/ppml/panel.ts';
import { ppml as fitPpml, type PpmlFit, type Warning } from '../../../lib/core/gravity/ppml/ppml.ts';
import { SMALL_SAMPLES, type SmallSample } from '../../../lib/core/gravity/ppml/smallSample.ts';
import { command, oneOf, UsageError } from '../command.ts';
import { type GravityTable, openGravityFile, readGravityTable } from '../gravityTable.ts';
import { type FactorTerm, factorTerms, type NumberTerm, numberTerms } from '../gravityTerms.ts';
import { table } from '../table.ts';
import { count, seconds, type Terminal } from '../terminal.ts';

const MODELS = ['ppml', 'ols'];

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
    model: {
      value: 'MODEL',
      help: 'ppml, or ols: log(y) by least squares, rows with y = 0 left out; ppml when not given',
    },
    offset: { value: 'TERM', help: 'enters with a coefficient of one' },
    weights: { value: 'COLUMN', help: 'how often a row counts' },
    where: { value: 'CONDITION', help: 'rows to use, in SQL: "exporter <> importer AND year >= 2000"' },
    'small-sample': { value: 'RULE', help: `${SMALL_SAMPLES.join(', ')}; fixest when not given` },
    'keep-singletons': { help: 'count rows that are alone in a level among the observations' },
    json: { help: 'print one JSON object with all digits' },
  },
  details: `FILE is CSV (also .gz, .zst) or Parquet. A term is a column, or in --x and --offset log(COLUMN), or in --fe and --cluster
A^B (every combination) or A~B (a pair in either order). Without a column of that name, exporter_year means exporter^year,
and pair means exporter^importer. Rows with a missing value are left out and counted.

  portolan ppml panel.csv.gz --y trade --x ldist,rta --fe exporter_year,importer_year --cluster pair

Rows that prove to be separated (their fitted mean is 0) are dropped first, as are rows alone in a level and regressors that the
effects explain; the result says how many. Ends with 1 when the fit did not converge. Least squares are the log-linear baseline that
Poisson is compared with; they are biased where the variance of trade depends on the regressors.

Small-sample rules multiply the covariance by 1 (none), by G/(G-1) for G clusters, or by that and (N-1)/(N-K) (fixest; K counts effects
that are not nested in a cluster). leverage is G/(G-1) with each cluster's scores enlarged by how much of its effects it is: for few
clusters, or where few have most of what is explained.`,
  async run([path = ''], values, screen) {
    const { y, x = '', fe = '', cluster = '', offset, weights, where, iid, json } = values;
    if (y === undefined) throw new UsageError('ppml: --y COLUMN is missing: what is to be explained?');
    const rule = oneOf('ppml: --small-sample', SMALL_SAMPLES, values['small-sample'] ?? 'fixest');
    const kind = oneOf('ppml: --model', MODELS, values.model ?? 'ppml');
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
        const singletons = values['keep-singletons'] ? 'keep' : 'drop';
        if (kind === 'ols') {
          const positive = positiveRows(model, dependenceOf(terms, data, factors, iid === true));
          const fit = ols(positive.model, { singletons });
          const errors = fit.fitted ? covariance(fit.fitted, positive.dependence, rule) : null;
          const took = (performance.now() - fitting) / 1000;
          told('fitted by least squares', fitting);
          const { dependence, notPositive } = positive;
          const result = { terms, fit, errors, dependence, rule, missing: data.missing, seconds: took, notPositive };
          if (json) screen.print(JSON.stringify(leastSquaresAsJson(result), null, 2));
          else showLeastSquares(result, screen);
          return errors ? 0 : 1;
        }
        const fit = fitPpml(model, { singletons });
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

interface LeastSquares extends Omit<Result, 'fit'> {
  readonly fit: OlsFit;
  /** rows without a logarithm */
  readonly notPositive: number;
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
  return dependenceBy(
    clusters.map((term) => factorOf(term, data, made)),
    iid,
  );
}

function dependenceBy([first, second]: readonly Factor[], iid: boolean): Dependence {
  if (first) return { kind: 'cluster', by: second ? [first, second] : [first] };
  return { kind: iid ? 'iid' : 'robust' };
}

/** What least squares of log(y) are fitted to. */
function positiveRows(model: Model, dependence: Dependence) {
  const { yN, columns, effects, offsetN, weightN } = model;
  const rowN = Uint32Array.from([...yN.entries()].flatMap(([row, y]) => (y > 0 ? [row] : [])));
  const logarithms: Model = {
    yN: pick(yN, rowN).map(Math.log),
    columns: columns.map(({ name, valueN }) => ({ name, valueN: pick(valueN, rowN) })),
    effects: effects.map((effect) => restrict(effect, rowN)),
    ...(offsetN ? { offsetN: pick(offsetN, rowN) } : {}),
    ...(weightN ? { weightN: pick(weightN, rowN) } : {}),
  };
  const clusters = dependence.kind === 'cluster' ? dependence.by.map((factor) => restrict(factor, rowN)) : [];
  return {
    model: logarithms,
    dependence: dependenceBy(clusters, dependence.kind === 'iid'),
    notPositive: yN.length - rowN.length,
  };
}

function leastSquaresAsJson({
  terms,
  fit,
  errors,
  dependence,
  rule,
  missing,
  seconds: took,
  notPositive,
}: LeastSquares) {
  return {
    model: 'ols',
    ...estimatesAsJson(fit, errors),
    effects: terms.effects.map(({ name }) => name),
    observations: fit.observations,
    dropped: { ...fit.dropped, notPositive, missing },
    r2: fit.r2,
    withinR2: fit.withinR2,
    covariance: covarianceAsJson(terms, errors, dependence, rule),
    seconds: took,
  };
}

const estimatesAsJson = ({ coefficients }: Pick<PpmlFit, 'coefficients'>, errors: Result['errors']) => ({
  coefficients: coefficients.map(({ name, estimate }, k) => ({
    name,
    estimate,
    standardError: errors?.standardErrorK[k] ?? null,
  })),
});

const covarianceAsJson = (
  { clusters }: Terms,
  errors: Result['errors'],
  { kind }: Dependence,
  smallSample: SmallSample,
) => ({
  kind,
  clusters: clusters.map(({ name }, at) => ({ name, groups: errors?.groups[at] ?? null })),
  smallSample,
  smallSampleFactor: errors?.smallSampleFactor ?? null,
  clipped: errors?.clipped ?? false,
});

function asJson({ terms, fit, errors, dependence, rule, missing, seconds: took }: Result) {
  const { observations, dropped, deviance, converged, iterations, firstOrder, warnings } = fit;
  return {
    ...estimatesAsJson(fit, errors),
    effects: fit.model.effects.map(({ name }) => name),
    observations,
    dropped: { ...dropped, missing },
    deviance,
    converged,
    iterations,
    innerIterations: fit.innerIterations,
    firstOrder,
    warnings,
    covariance: covarianceAsJson(terms, errors, dependence, rule),
    seconds: took,
  };
}

function showEstimates(
  { coefficients }: Pick<PpmlFit, 'coefficients'>,
  errors: Result['errors'],
  screen: Terminal,
): void {
  const number = (value: number | undefined) =>
    value === undefined || Number.isNaN(value) ? '.' : value.toPrecision(7);
  const { head, body } = table(
    [{ heading: '' }, ...['estimate', 'std. error', 'z'].map((heading) => ({ heading, number: true }))],
    coefficients.map(({ name, estimate }, k) => {
      const error = errors?.standardErrorK[k];
      return [name, number(estimate), number(error), error ? (estimate / error).toFixed(2) : '.'];
    }),
  );
  screen.print(screen.paint('bold', head));
  for (const line of body) screen.print(line);
}

const labelled = (screen: Terminal) => (label: string, text: string) =>
  screen.print(`${screen.paint('dim', label.padEnd(14))} ${text}`);

function errorsInWords(terms: Terms, errors: Result['errors'], { kind }: Dependence, rule: SmallSample): string {
  const groups = terms.clusters.map(({ name }, at) => `${name} (${count(errors?.groups[at] ?? 0)})`).join(' and ');
  return `${kind === 'cluster' ? `clustered by ${groups}` : kind}, small sample ${rule}`;
}

function showLeastSquares(result: LeastSquares, screen: Terminal): void {
  const { terms, fit, errors, dependence, rule, missing, notPositive, seconds: took } = result;
  showEstimates(fit, errors, screen);
  const line = labelled(screen);
  screen.print();
  line('effects', terms.effects.map(({ name }) => name).join(', ') || 'a constant');
  line('observations', count(fit.observations));
  line('not positive', count(notPositive));
  line('singletons', count(fit.dropped.singletons));
  if (missing > 0) line('missing', count(missing));
  if (fit.dropped.collinear.length > 0) line('collinear', fit.dropped.collinear.join(', '));
  line('std. errors', errorsInWords(terms, errors, dependence, rule));
  line('R²', `${fit.r2.toFixed(6)}, within effects ${fit.withinR2.toFixed(6)}`);
  line('time', `${took.toFixed(2)} s`);
  if (!errors) screen.complain(screen.paint('red', 'No row is left to estimate from.'));
}

function show({ terms, fit, errors, dependence, rule, missing, seconds: took }: Result, screen: Terminal): void {
  const { observations, dropped, deviance, iterations, innerIterations, firstOrder } = fit;
  showEstimates(fit, errors, screen);
  const line = labelled(screen);
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
  line('std. errors', errorsInWords(terms, errors, dependence, rule));
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
