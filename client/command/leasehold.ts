#!/usr/bin/env node
import module from 'node:module';

// Half of the time that it takes to start is reading its own code; Node keeps what it made of that, from 22.1 on.
module.enableCompileCache?.();
const { main } = await import('./main.ts');
await main();
