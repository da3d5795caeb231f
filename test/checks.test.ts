import { exec } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

// The compiler is written in Go. It collects its garbage less often, for a fifth less work.
const env = { ...process.env, GOGC: '400' };

// Beside the other tests, and not before them: they take 15 s.
it.each(['types', 'lint', 'unused'])('`npm run %s` finds nothing', async (check) => {
  const found = await promisify(exec)(`npm run -s ${check}`, { env }).then(
    () => '',
    ({ stdout, stderr, message }) => `${stdout}${stderr}` || message,
  );
  expect(found).toBe('');
});
