#!/usr/bin/env node
import module from 'node:module';

// Compiling its own code is half of the start-up time. Node caches the compiled code, from 22.1 on.
module.enableCompileCache?.();
const { main } = await import('./main.ts');
await main();
