import { spawnSync } from 'node:child_process';

const usage = `Runs every proof of docs/proof.md in full, one after another, and sums up: npm run verify [-- NAME…]`;

/** By name: the arguments of `npm run`. */
const proofs: Readonly<Record<string, readonly string[]>> = {
  tests: ['test:long'],
  model: ['verify:model'],
  mutation: ['verify:mutation'],
  conditions: ['verify:conditions'],
  contract: ['verify:contract', '--', '--minutes', '10'],
  explore: ['explore', '--', '--seconds', '1800'],
  history: ['verify:history', '--', '--minutes', '20'],
  soak: ['verify:soak', '--', '--minutes', '60'],
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !Object.hasOwn(proofs, name));
if (unknown.length > 0) {
  console.error(`There is no proof ${unknown.join(', ')}.\n\n${usage}\n\nNAME: ${Object.keys(proofs).join(', ')}`);
  process.exit(2);
}

const names = wanted.length > 0 ? wanted : Object.keys(proofs);
const results: string[] = [];
let failed = 0;
for (const [index, name] of names.entries()) {
  console.log(`\n${index + 1} of ${names.length}: npm run ${proofs[name]?.join(' ')}\n`);
  const began = performance.now();
  const { status, signal } = spawnSync('npm', ['run', '--silent', ...(proofs[name] ?? [])], { stdio: 'inherit' });
  if (signal === 'SIGINT') process.exit(130);
  const minutes = (performance.now() - began) / 60_000;
  if (status !== 0) failed++;
  results.push(`${status === 0 ? 'passed' : 'FAILED'} ${minutes.toFixed(1).padStart(6)} min  ${name}`);
}
console.log(`\n${results.join('\n')}\n\n${names.length - failed} of ${names.length} proofs passed.`);
process.exitCode = failed > 0 ? 1 : 0;
