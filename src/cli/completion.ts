/** `cairn completion`: what a shell needs to complete the commands, their options and values. */
import { Argument, type Command } from 'commander'
import { bashCompletion } from './completion/bash.ts'
import { fishCompletion } from './completion/fish.ts'
import { type Completed, completedOf } from './completion/model.ts'
import { zshCompletion } from './completion/zsh.ts'

const SHELLS: Readonly<Record<string, (commands: readonly Completed[]) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
}

export function asCompletion(command: Command, program: Command): Command {
  return command
    .description('Print a script with which a shell completes commands, options and values.')
    .addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(SHELLS)))
    .addHelpText('after', HELP)
    .action((shell: string) => {
      process.stdout.write(SHELLS[shell]?.(completedOf(program)) ?? '')
    })
}

const HELP = `
The script is for this version of cairn: load it anew when a shell starts.

Exit codes: 0 it is printed; 2 wrong usage

Examples:
  $ eval "$(cairn completion bash)"             # in ~/.bashrc
  $ source <(cairn completion zsh)              # in ~/.zshrc, after compinit
  $ cairn completion fish | source              # in ~/.config/fish/config.fish`
