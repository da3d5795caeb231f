import { Argument, Command } from 'commander';
import type { CommandContext } from '../output/output.ts';
import type { Shell } from './completion-script.ts';

/** `leasehold completion`. */
export const completionCommand = ({ out }: CommandContext): Command =>
  new Command('completion')
    .description('what makes a shell complete words, for its start-up file: source <(leasehold completion bash)')
    .addArgument(new Argument('<shell>', 'which shell you use').choices(['bash', 'zsh', 'fish']))
    .action(async (shell: Shell, _flags: object, command: Command) => {
      const { completionScript } = await import('./completion-script.ts');
      out.write(completionScript(shell, command.parent ?? command));
    });
