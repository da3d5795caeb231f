/**
 * Plants the bug that `MUTANT` names while the service loads its own source. The code of the service does not know it.
 */
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';

const mutants = JSON.parse(readFileSync(new URL('./mutants.json', import.meta.url), 'utf8'));
const { file, fragment, replacement } = mutants[Number(process.env.MUTANT) - 1];
const target = new URL(`../../../${file}`, pathToFileURL(import.meta.filename)).href;

registerHooks({
  load: (url, context, nextLoad) => {
    const loaded = nextLoad(url, context);
    if (url !== target) return loaded;
    const source = String(loaded.source);
    if (source.split(fragment).length !== 2)
      throw new Error(`${file} has no single ${fragment}: write the mutant anew.`);
    return { ...loaded, source: source.replace(fragment, replacement) };
  },
});
