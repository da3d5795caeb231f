import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers/promises';

// A change that makes a request try again and again would cost its patience, 24 s. So a pause takes some turns of the event loop,
// and moves the time on by its length. Nothing else does, so that a busy machine changes no result.
interface Pause {
  end: number;
  resolve: () => void;
}

const ofProcess = globalThis as { hasShortPauses?: boolean };
if (!ofProcess.hasShortPauses) {
  ofProcess.hasShortPauses = true;
  let time = Date.now();
  Date.now = () => time;
  const pauses: Pause[] = [];
  const endFirst = async () => {
    while (pauses.length > 0) {
      // Meanwhile requests that are under way get their answers.
      for (let turn = 0; turn < 10; turn++) await timers.setImmediate();
      const [first] = pauses.sort((a, b) => a.end - b.end).splice(0, 1);
      time = Math.max(time, Math.ceil(first?.end ?? 0));
      first?.resolve();
    }
  };
  const pause = (ms = 0) =>
    new Promise<void>((resolve) => {
      if (pauses.push({ end: Date.now() + ms, resolve }) === 1) void endFirst();
    });
  Object.assign(timers, { setTimeout: pause });
  syncBuiltinESMExports();
}
