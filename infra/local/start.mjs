/**
 * `npm start`: the local stack. `npm run demo`: the same with the data of three months.
 *
 * Plain JavaScript, so that a Node that is too old for the rest can say so.
 */
import module from 'node:module';

const [major, minor] = process.versions.node.split('.').map(Number);
const runsTypeScript = major > 22 || (major === 22 && minor >= 18);

const refuse = (sentence) => {
  console.error(sentence);
  process.exitCode = 1;
};

const olderNode = () => {
  const bringsItsOwn = process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch);
  const underNpm = process.env.npm_lifecycle_event !== undefined;
  let whatToDo = 'install Node 24 from https://nodejs.org, or e.g. with `nvm install 24`.';
  if (bringsItsOwn) {
    whatToDo = underNpm
      ? 'run `npm ci` without `--omit=optional`, which brings Node 24 on Linux, or install Node 24 yourself.'
      : 'run `npm start`, which takes the Node 24 that `npm ci` brings on Linux.';
  }
  return `Leasehold's local stack needs Node 22.18 or newer (it runs TypeScript as it is), and this is Node ${process.versions.node}: ${whatToDo}`;
};

if (!runsTypeScript) {
  refuse(olderNode());
} else {
  // Compiling its own code is a fifth of the work of a start. Node caches the compiled code.
  module.enableCompileCache();
  try {
    if (process.argv[2] === 'demo') await (await import('./demo/demo.ts')).runDemo();
    else await (await import('./main.ts')).main();
  } catch (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND' || !error.message.includes('Cannot find package')) throw error;
    refuse('The dependencies are not installed: run `npm ci` first.');
  }
}
