import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { planRun } from '../../lib/app/planRun.ts';
import { SETTINGS } from '../../lib/app/settings.ts';
import type { Catalog } from '../../lib/ports/catalog.ts';
import { alertDemo } from './alertDemo.ts';
import { Stop } from './command.ts';
import { control } from './control.ts';
import { demoFiles, SYNTHETIC } from './demoFiles.ts';
import { dropFiles, notYetStored } from './dropFiles.ts';
import { type LocalFile, localFiles } from './files.ts';
import { freePort, homeFolder, type OpenHome, openHome, serviceOf } from './localService.ts';
import { memoryPeak } from './memory.ts';
import { showOpportunities } from './opportunities.ts';
import { follow } from './progress.ts';
import { type Received, type Receiver, receiver } from './receiver.ts';
import { announce, catalogOf, withdraw } from './service.ts';
import { size, type Terminal } from './terminal.ts';

/** The drops that stand for data. */
const holding = async (catalog: Catalog) => (await catalog.drops()).filter(({ dataset }) => dataset !== undefined);

/** Whether the published run is the one that is due for what is stored. */
async function isCurrent(catalog: Catalog, codeVersion: string): Promise<boolean> {
  const [datasets, drops, pointer] = await Promise.all([catalog.datasets(), catalog.drops(), catalog.pointer()]);
  return pointer?.run === planRun({ datasets, drops }, SETTINGS, codeVersion)?.run;
}

/** One life of the service in this process: what has been opened, so that all of it is closed whenever the end comes. */
export class Session {
  private readonly state: string;
  private readonly port: number;
  private readonly verbose: boolean;
  private readonly screen: Terminal;
  private readonly memory = memoryPeak();
  private opened: Promise<OpenHome> | null = null;
  private webhooks: Receiver | null = null;
  private readonly closing: (() => Promise<void>)[] = [];
  private closed = false;
  apiUrl = '';

  constructor(state: string, port: number, verbose: boolean, screen: Terminal) {
    this.state = state;
    this.port = port;
    this.verbose = verbose;
    this.screen = screen;
  }

  /** Opens the home, drops what is to be dropped, waits for the scores and shows some. Returns whether all was well. */
  async serve(given: readonly LocalFile[], exporter: string | undefined, once: boolean): Promise<boolean> {
    const { screen } = this;
    let opened = await this.open();
    let catalog = await catalogOf(serviceOf(opened));
    let held = await holding(catalog);
    const holdsDemo = held.length > 0 && held.every(({ key }) => key.includes('synthetic'));
    if (holdsDemo && given.length > 0 && !given.every(({ key }) => key.includes('synthetic'))) {
      screen.print('  the demonstration world gives way to your files');
      await opened.home.close();
      await rm(homeFolder(this.state), { recursive: true, force: true });
      opened = await this.open();
      catalog = await catalogOf(serviceOf(opened));
      held = [];
    }

    const { home } = opened;
    const service = serviceOf(opened);
    this.apiUrl = service.apiUrl;
    const { address, close } = await control((name, event) => home.invoke(name, event));
    this.closing.push(close, () => withdraw(this.state));
    await announce(this.state, { ...service, pid: process.pid, control: address });

    const demo = given.length > 0 || (held.length > 0 && !holdsDemo) ? null : await this.demonstration();
    const files = demo?.files ?? given;
    const wanted = await notYetStored(files, held);
    const progress = follow(home, screen);
    this.closing.push(async () => progress.end());
    // what was stored under an older version of the code is scored again: nobody else asks for it before the next schedule
    if (held.length > 0 && wanted.length === 0 && !(await isCurrent(catalog, service.codeVersion)))
      await home.invoke('reconcile', { source: 'portolan.start', 'detail-type': 'Scheduled Event' });
    const { fine, run } = await dropFiles(wanted, { service, catalog, ...progress }, screen);
    const peak = this.memory.bytes();
    if (peak !== null)
      screen.print(`peak memory ${size(peak.together)} (${size(peak.addedUp)} if every process had peaked at once)`);
    if (run === null) return false;
    const shown = await showOpportunities(service.apiUrl, exporter, this.state, screen);
    if ((await catalog.getRun(run))?.manifest.synthetic) screen.print(`\n${screen.paint('yellow', SYNTHETIC)}`);
    const later = demo && !once && this.webhooks ? await notYetStored(demo.later, held) : [];
    if (!fine || !this.webhooks || later.length === 0) return fine;
    const dropLater = () => dropFiles(later, { service, catalog, ...progress }, screen);
    return alertDemo(home, service, this.webhooks, shown, dropLater, screen);
  }

  async close(): Promise<void> {
    this.closed = true;
    this.memory.stop();
    for (const close of this.closing.splice(0)) await close();
    const opened = await this.opened?.catch(() => null);
    await opened?.home.close();
  }

  private async open(): Promise<OpenHome> {
    if (this.closed) throw new Stop('the service was stopped');
    const log = (line: string) => {
      if (this.verbose) this.screen.print(this.screen.paint('dim', line));
    };
    if (!this.webhooks) {
      const port = this.port === 0 ? 0 : await freePort(this.port + 2);
      const webhooks = await receiver(port, (webhook) => this.screen.print(`  ${toldOf(webhook)}`));
      this.closing.push(() => webhooks.close());
      this.webhooks = webhooks;
    }
    this.opened = openHome(this.state, this.port, this.screen, log, [this.webhooks.host]);
    return this.opened;
  }

  private async demonstration(): Promise<{ files: LocalFile[]; later: LocalFile[] }> {
    const step = this.screen.step('demo world', 'generating');
    const { paths, later, generated } = await demoFiles(resolve(this.state));
    step.done(
      generated ? 'generated: 120 countries × 400 products × 3 years, synthetic' : 'generated earlier, synthetic',
    );
    this.screen.print(`  ${SYNTHETIC}`);
    return { files: await localFiles(paths), later: await localFiles([later]) };
  }
}

const toldOf = ({ type, total, verified }: Received) =>
  `webhook ${type}${total === null ? '' : ` with ${total} changes`}, ${verified ? 'signature verified' : 'of nobody known here'}`;
