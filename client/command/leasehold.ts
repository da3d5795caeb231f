#!/usr/bin/env node
import { enableCompileCache } from 'node:module';

// Half of the time that it takes to start is reading its own code; Node keeps what it made of that.
enableCompileCache?.();
const { main } = await import('./main.ts');
await main();
