import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { leasehold } from './command.ts';

const script = async (shell: string) => {
  const { code, stdout } = await leasehold(['completion', shell], {}).ended;
  expect(code).toBe(0);
  return stdout;
};

/** Returns the candidates of bash after these words; bash completes the last one. */
const offered = async (...typed: string[]): Promise<string[]> => {
  const words = ['leasehold', ...typed].map((word) => `'${word}'`).join(' ');
  const { stdout, stderr } = spawnSync(
    'bash',
    [
      '--norc',
      '-c',
      `${await script('bash')}
       [[ $(complete -p leasehold) == *'-F _leasehold leasehold' ]] || exit 1
       COMP_WORDS=(${words}); COMP_CWORD=${typed.length}; _leasehold; printf '%s\\n' "\${COMPREPLY[@]}"`,
    ],
    { encoding: 'utf8' },
  );
  expect(stderr).toBe('');
  return stdout.split('\n').filter(Boolean);
};

describe('bash completes', () => {
  it('the subcommands', async () => {
    expect(await offered('ma')).toEqual(['machine-id', 'machines']);
    expect(await offered('users', '')).toEqual(expect.arrayContaining(['list', 'grant', 'remove', 'transfer']));
  });

  it('the options of a subcommand, also after others', async () => {
    expect(await offered('machines', 'remove', '--product', 'KRE', 'm-1', '--b')).toEqual(['--block']);
    expect(await offered('run', '--gr')).toEqual(['--grace']);
    expect(await offered('status', '--gr')).toEqual([]);
  });

  it('the values of an option that has few', async () => {
    expect(await offered('run', '--on-loss', '')).toEqual(['continue', 'terminate']);
    expect(await offered('usage', '--granularity', 'd')).toEqual(['day']);
    // Bash takes an equals sign for a word.
    expect(await offered('run', '--on-loss', '=')).toEqual(['continue', 'terminate']);
    expect(await offered('run', '--on-loss', '=', 'c')).toEqual(['continue']);
  });

  it('the values of an argument that has few', async () => {
    expect(await offered('completion', 'z')).toEqual(['zsh']);
  });

  it('the command that `run` runs, and nothing of its own behind it', async () => {
    expect(await offered('run', '--product', 'KRE', '--', 'bas')).toContain('bash');
    expect(await offered('run', '--', 'users', '')).toEqual([]);
  });
});

/** Returns the output of a script in another shell; undefined if the shell is not installed. */
const saidBy = (shell: string, ...args: string[]): string | undefined => {
  if (spawnSync(shell, ['-c', 'true']).status !== 0) return undefined;
  const { status, stdout, stderr } = spawnSync(shell, args, { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout;
};

it('fish completes the same', async () => {
  const text = await script('fish');
  expect(text).toContain('transfer');
  const ask =
    "complete -C 'leasehold users gr'; complete -C 'leasehold run --on-loss '; complete -C 'leasehold run --gr'; complete -C 'leasehold completion z'";
  const said = saidBy('fish', '--no-config', '-c', `${text}\n${ask}`);
  if (said === undefined) return;
  expect(said.split('\n').map((line) => line.split('\t')[0])).toEqual([
    'grant',
    'continue',
    'terminate',
    '--grace',
    'zsh',
    '',
  ]);
});

it('zsh completes the same', async () => {
  const text = await script('zsh');
  expect(text).toContain('transfer');
  const folder = mkdtempSync(join(tmpdir(), 'leasehold-zsh-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const started = join(folder, 'started');
  // Ctrl-G shows the line as the Tab before left it.
  const show = "show() { print -r -- \"<<$BUFFER>>\"; BUFFER='' }; zle -N show; bindkey '^G' show";
  writeFileSync(started, `autoload -U compinit; compinit -D -u\n${text}\n${show}\n`);
  const lines = ['users gr', 'run --on-loss c', 'run --on-loss=t', 'run --gr', 'completion z', 'run -- leasehold-no'];
  const said = saidBy(
    'zsh',
    '-f',
    '-c',
    `zmodload zsh/zpty; zpty shell zsh -f -i; zpty -w shell 'source ${started}'
     ${lines.map((line) => `zpty -w -n shell $'leasehold ${line}\\t\\a'; zpty -r shell said '*<<*>>*'; print -r -- $said`).join('\n')}
     zpty -d shell`,
  );
  if (said === undefined) return;
  expect([...said.matchAll(/<<(.*)>>/g)].map(([, line]) => line?.trim())).toEqual([
    'leasehold users grant',
    'leasehold run --on-loss continue',
    'leasehold run --on-loss=terminate',
    'leasehold run --grace',
    'leasehold completion zsh',
    'leasehold run -- leasehold-no',
  ]);
});

it('there is none for an unknown shell', async () => {
  expect(await leasehold(['completion', 'csh'], {}).ended).toMatchObject({ code: 64, stdout: '' });
});
