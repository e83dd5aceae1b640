#!/usr/bin/env node
// Plain JavaScript: a Node that is too old for the rest can still run this file, and say so.
const needed = 24;
const major = Number(process.versions.node.split('.')[0]);

if (major < needed) {
  console.error(
    `Portolan needs Node ${needed} or newer; this is ${process.version} (${process.execPath}).\n` +
      'On Linux `npm ci` brings a fitting Node along, which npm scripts use: run `npm start` or `npm run -s portolan -- …`.\n' +
      `Elsewhere install Node ${needed} from https://nodejs.org and try again.`,
  );
  process.exitCode = 1;
} else {
  // numbers before speed: decisions/0132
  const { setFlagsFromString } = await import('node:v8');
  setFlagsFromString('--no-maglev-osr');
  // what was compiled before is not compiled again: half of the start, which is most of a short command
  const { enableCompileCache } = await import('node:module');
  enableCompileCache();
  // who reads may stop reading, as `head` does: the rest is said to nobody, and the work is done all the same
  const closed = (error) => {
    if (error.code !== 'EPIPE') throw error;
  };
  process.stdout.on('error', closed);
  process.stderr.on('error', closed);
  const { portolan, screen } = await import('./main.ts');
  const code = await portolan(process.argv.slice(2), screen());
  // a pipe takes output later than it is written: leave when all of it has gone
  await Promise.all([process.stdout, process.stderr].map((stream) => new Promise((gone) => stream.write('', gone))));
  process.exit(code);
}
