// docs/cli.md: every command as commander knows it, which is what `--help` prints.

import type { Command, Option } from 'commander';

const intro = `# Command line

\`bin/auxcell COMMAND --help\` shows each command with an example. Bad input is answered in a line or two that name the file,
the value and the remedy, with exit code 1. Results go to standard output, progress to standard error.

This page is made from the same tables as the help (\`npm run docs:cli\`). Words that are used in a meaning of their own are
in the [glossary](glossary.md); what files from anybody may hold is in [files-from-strangers.md](files-from-strangers.md).
`;

/** Where more is said. */
const more: Readonly<Record<string, string>> = {
  fit: '[fit.md](fit.md): what it does, what it leaves',
  search:
    '[search.md](search.md): its folder, interruptions, failures; [data.md](data.md): folders; [presets.md](presets.md); [strategies.md](strategies.md); [weights.md](weights.md): encoder and teacher',
  worker: '[several-machines.md](several-machines.md)',
  inspect: '[data.md](data.md#looking-at-data-inspect): layouts, findings',
  trials: '[search.md](search.md#what-it-found-trials-runs)',
  runs: '[search.md](search.md#what-it-found-trials-runs)',
  dashboard: '[pages.md](pages.md#dashboard)',
  report: '[pages.md](pages.md#report)',
  playground: '[pages.md](pages.md#playground)',
  serve: '[serve.md](serve.md): what may be asked, statuses, limits',
  train: '[training.md](training.md): its folder, interruptions; [presets.md](presets.md#train)',
  eval: '[inference.md](inference.md#figures-eval): which figures, of what',
  predict: '[inference.md](inference.md#what-a-model-sees-predict): what is written, at which size',
  describe: '[search-space.md](search-space.md): genotypes, hand-designed decoders',
  export: '[deploy.md](deploy.md): which form where, and an example of each',
  import: '[weights.md](weights.md#a-whole-network-from-pytorch-import)',
  init: '[weights.md](weights.md#fresh-weights-init)',
  'bench candidate': '[bench/README.md](../bench/README.md)',
  'bench latency': '[bench/README.md](../bench/README.md)',
};

export function commandPage(program: Command): string {
  return [intro, ...program.commands.flatMap((command) => sections(command, ''))].join('\n');
}

function sections(command: Command, before: string): string[] {
  const name = `${before}${command.name()}`;
  if (command.commands.length > 0) return command.commands.flatMap((inner) => sections(inner, `${name} `));
  const places = command.registeredArguments.map((argument) => {
    const brackets = argument.required ? ['<', '>'] : ['[', ']'];
    const told = `${brackets[0]}${argument.name()}${argument.variadic ? '...' : ''}${brackets[1]}`;
    return row(told, argument.description, argument.required ? 'required' : code(argument.defaultValue));
  });
  const options = command.options.map((option) => row(option.flags, ...meaningOf(option)));
  const table = ['| | meaning | default |', '|---|---|---|', ...places, ...options].join('\n');
  const link = more[name];
  return [
    `## ${name}\n`,
    `${command.description()}.\n`,
    ...[`\`\`\`sh\n${examplesOf(command).join('\n')}\n\`\`\`\n`],
    `${table}\n`,
    ...(link === undefined ? [] : [`More: ${link}.\n`]),
  ];
}

function row(what: string, meaning: string, byDefault: string): string {
  return `| ${[`\`${what}\``, meaning, byDefault].map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

/** What stands behind the description in brackets is the default. */
function meaningOf({ description, defaultValue, mandatory, required }: Option): [string, string] {
  const [, meaning = description, told] = /^(.*) \(default: (.*)\)(?:;.*)?$/.exec(description) ?? [];
  if (mandatory && defaultValue === undefined) return [meaning, 'required'];
  return [meaning, told ?? (defaultValue === undefined && required ? '–' : code(defaultValue))];
}

function code(value: unknown): string {
  return value === undefined ? '–' : `\`${String(value)}\``;
}

/** Commander keeps what is added after the help to itself; it prints it. */
function examplesOf(command: Command): string[] {
  let help = '';
  command.configureOutput({ writeOut: (text) => (help += text), getOutHelpWidth: () => 1000 });
  command.outputHelp();
  const [, examples = ''] = help.split('\nExample:\n');
  return examples
    .trim()
    .split('\n')
    .map((line) => line.trim().replace(/^auxcell/, 'bin/auxcell'));
}
