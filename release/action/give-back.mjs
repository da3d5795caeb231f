import { existsSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { filesIn, follow, runs } from './holder.mjs';

const { STATE_folder: folder, STATE_pid } = process.env;
const pid = Number(STATE_pid);
if (folder && pid) {
  const { ready, stop, log } = filesIn(folder);
  const hadLicense = existsSync(ready);
  const wasLost = hadLicense && !runs(pid);
  const printNew = follow(log);
  writeFileSync(stop, '');
  if (!hadLicense && runs(pid)) process.kill(pid, 'SIGTERM');
  for (let tries = 0; runs(pid) && tries < 100; tries++) await sleep(200);
  printNew();
  if (wasLost) process.exitCode = 1;
}
