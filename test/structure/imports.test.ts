import { cruise, type ICruiseResult } from 'dependency-cruiser';
import { expect, it } from 'vitest';
import { floors, importRules } from './import-rules.ts';

const roomsWithoutFloor = (modules: ICruiseResult['modules']): string[] => {
  const rooms = modules.flatMap(({ source }) => /^shared\/table\/([^/]+)\//.exec(source)?.[1] ?? []);
  return [...new Set(rooms)].filter((room) => !floors.flat().includes(room));
};

it('imports go one way: contracts ← domain ← table ← http ← functions', async () => {
  const { options, ...ruleSet } = importRules;
  const { output } = await cruise(['shared', 'functions', 'infra', 'client', 'console'], {
    ...options,
    ruleSet,
    validate: true,
  } as never);
  const { summary, modules } = output as ICruiseResult;
  expect(summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`)).toEqual([]);
  expect(roomsWithoutFloor(modules)).toEqual([]);
  // A parser that can't read the sources finds no violations, so count the modules that it saw.
  const ours = modules.filter(({ source }) => /^(shared|functions|infra|client|console)\//.test(source));
  expect(ours.length).toBeGreaterThan(80);
  expect(ours.some(({ source }) => source.endsWith('.tsx'))).toBe(true);
  expect(ours.some(({ source, dependencies }) => source === 'functions/activate.ts' && dependencies.length > 5)).toBe(
    true,
  );
});
