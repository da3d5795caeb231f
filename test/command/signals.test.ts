import { expect, it } from 'vitest';
import { comesFromTerminal } from '../../client/command/signals.ts';

it.each([
  ['linux', true, 'SIGINT', true],
  ['linux', true, 'SIGTERM', false],
  ['linux', false, 'SIGINT', false],
  ['darwin', true, 'SIGQUIT', true],
  // The console of Windows sends them to all its processes, and forwarding one would kill the command.
  ['win32', false, 'SIGINT', true],
  ['win32', false, 'SIGBREAK', true],
  ['win32', true, 'SIGTERM', false],
] as const)('on %s (terminal: %s) %s reaches the command without us: %s', (platform, isTTY, signal, reaches) => {
  expect(comesFromTerminal(signal, { isTTY }, platform)).toBe(reaches);
});
