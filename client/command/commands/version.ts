import { Command } from 'commander';
import { version } from '../../version.ts';
import { type CommandContext, printResult } from '../output/output.ts';

/** `leasehold version`. */
export const versionCommand = (context: CommandContext): Command =>
  new Command('version')
    .description('print the version, and what runs it')
    .option('--json', 'as JSON')
    .action((flags: { json?: true }) => {
      const { version: node, platform, arch } = process;
      printResult(context, flags, { version, node, platform, arch }, [
        `leasehold ${version}, Node ${node}, ${platform} ${arch}`,
      ]);
    });
