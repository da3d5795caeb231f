import { Argument, Command } from 'commander';
import type { CommandContext } from '../output/output.ts';

/** A word that can follow in the command line, with its description. */
interface Word {
  readonly word: string;
  readonly does: string;
}

/** A position in the command line: the subcommands before it, and what can follow. */
interface Place {
  /** `users grant`; empty for the command itself. */
  readonly at: string;
  /** Subcommands, or the values of arguments with fixed choices. */
  readonly words: readonly Word[];
  readonly options: readonly Word[];
  /** The values of options with fixed choices. */
  readonly choices: readonly { readonly option: string; readonly values: readonly string[] }[];
}

const placesOf = (command: Command, at = ''): Place[] => {
  const { options } = command;
  const place: Place = {
    at,
    words: [
      ...command.commands.map((one) => ({ word: one.name(), does: one.description() })),
      ...command.registeredArguments.flatMap(({ argChoices = [], description }) =>
        argChoices.map((word) => ({ word, does: description })),
      ),
    ],
    options: [
      ...options.map(({ long, short, description }) => ({ word: long ?? short ?? '', does: description })),
      { word: '--help', does: 'show what this does' },
    ],
    choices: options.flatMap(({ long, argChoices }) =>
      long && argChoices ? [{ option: long, values: argChoices }] : [],
    ),
  };
  return [place, ...command.commands.flatMap((one) => placesOf(one, `${at} ${one.name()}`.trim()))];
};

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/** The steps between positions, as patterns of a shell's `case`. */
const steps = (places: readonly Place[]) => places.filter(({ at }) => at !== '').map(({ at }) => at);
const before = (at: string) => at.split(' ').slice(0, -1).join(' ');
const last = (at: string) => at.split(' ').at(-1) ?? '';

/** Writes the branches of a `case` for bash and zsh. */
const cases = (indent: string, all: readonly (readonly [pattern: string, does: string])[]): string =>
  all.map(([pattern, does]) => `${indent}${quoted(pattern)}) ${does} ;;`).join('\n');

const stepCases = (places: readonly Place[]): string =>
  cases(
    '      ',
    steps(places).map((at) => [`${before(at)}/${last(at)}`, `at=${quoted(at)}`]),
  );

/** @param offer writes the shell code that offers the values */
const choiceCases = (places: readonly Place[], offer: (values: readonly string[]) => string): string =>
  cases(
    '    ',
    places.flatMap(({ at, choices }) =>
      choices.map(({ option, values }) => [`${at}/${option}`, `${offer(values)}; return`] as const),
    ),
  );

/** @param offer writes the shell code that offers the words */
const wordCases = (places: readonly Place[], offer: (words: readonly Word[]) => string): string =>
  cases(
    '    ',
    places.map(({ at, words, options }) => [at, offer([...words, ...options])]),
  );

const bashOffer = (words: readonly string[]) => `COMPREPLY=($(compgen -W ${quoted(words.join(' '))} -- "$current"))`;

const bash = (places: readonly Place[]): string => `# bash completion of leasehold: source <(leasehold completion bash)
_leasehold() {
  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]} at='' i
  COMPREPLY=()
  # An equals sign is a word of its own.
  if [[ $current == = ]]; then
    current=''
  elif [[ $before == = ]]; then
    before=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    if [[ \${COMP_WORDS[i]} == -- ]]; then
      # The command that \`run\` runs.
      ((i == COMP_CWORD - 1)) && COMPREPLY=($(compgen -c -- "$current"))
      return
    fi
    case "$at/\${COMP_WORDS[i]}" in
${stepCases(places)}
    esac
  done
  case "$at/$before" in
${choiceCases(places, bashOffer)}
  esac
  case "$at" in
${wordCases(places, (words) => bashOffer(words.map(({ word }) => word)))}
  esac
}
complete -o default -F _leasehold leasehold
`;

const zsh = (places: readonly Place[]): string => `#compdef leasehold
# zsh completion of leasehold: source <(leasehold completion zsh)
_leasehold() {
  local before=$words[CURRENT-1] at='' i
  local -a candidates
  if [[ $PREFIX == --*=* ]]; then
    before=\${PREFIX%%=*}
    compset -P '*='
  fi
  for ((i = 2; i < CURRENT; i++)); do
    if [[ $words[i] == -- ]]; then
      # The command that \`run\` runs.
      shift $i words
      ((CURRENT -= i))
      _normal
      return
    fi
    case "$at/$words[i]" in
${stepCases(places)}
    esac
  done
  case "$at/$before" in
${choiceCases(places, (values) => `compadd -- ${values.map(quoted).join(' ')}`)}
  esac
  case "$at" in
${wordCases(places, (words) => `candidates=(${words.map(({ word, does }) => quoted(`${word}:${does}`)).join(' ')})`)}
  esac
  _describe leasehold candidates || _files
}
compdef _leasehold leasehold
`;

const fish = (places: readonly Place[]): string => {
  const condition = (at: string) => `-n ${quoted(`__leasehold_at '${at}'`).replaceAll("'\\''", "\\'")}`;
  const text = (words: string) => `'${words.replace(/[\\']/g, '\\$&')}'`;
  return `# fish completion of leasehold: leasehold completion fish | source
function __leasehold_at
  set -l at ''
  for word in (commandline -opc)[2..]
    switch "$at/$word"
      case '*/--'
        return 1
${steps(places)
  .map((at) => `      case ${text(`${before(at)}/${last(at)}`)}\n        set at ${text(at)}`)
  .join('\n')}
    end
  end
  test "$at" = "$argv[1]"
end
${places
  .flatMap(({ at, words, options, choices }) => [
    ...words.map(({ word, does }) => `complete -c leasehold -f ${condition(at)} -a ${text(word)} -d ${text(does)}`),
    ...options.map(({ word, does }) => {
      const values = choices.find(({ option }) => option === word)?.values;
      const few = values ? ` -x -a ${text(values.join(' '))}` : '';
      return `complete -c leasehold ${condition(at)} -l ${text(word.replace(/^--/, ''))} -d ${text(does)}${few}`;
    }),
  ])
  .join('\n')}
`;
};

const scripts = { bash, zsh, fish };

/** Returns the script by which a shell completes the words of a command. The script starts no process, so it is fast. */
const completionScript = (shell: keyof typeof scripts, command: Command): string => scripts[shell](placesOf(command));

/** `leasehold completion`. */
export const completionCommand = ({ out }: CommandContext): Command =>
  new Command('completion')
    .description('print the completion script for a shell’s start-up file: source <(leasehold completion bash)')
    .addArgument(new Argument('<shell>', 'which shell you use').choices(Object.keys(scripts)))
    .action((shell: keyof typeof scripts, _flags: object, command: Command) => {
      out.write(completionScript(shell, command.parent ?? command));
    });
