/** Notes the memory of the service every ten seconds, after a garbage collection, in the file that `MEMORY_FILE` names. */
import { appendFileSync } from 'node:fs';

const note = () => {
  globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  appendFileSync(process.env.MEMORY_FILE, `${JSON.stringify({ at: Date.now(), heapUsed, rss })}\n`);
};
setInterval(note, 10_000).unref();
