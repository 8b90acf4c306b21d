/** The completion for bash, also the 3.2 of macOS: where nothing is proposed, bash completes file names. */
import type { Completed } from './model.ts'

export function bashCompletion(commands: readonly Completed[]): string {
  const paths = commands.filter(({ at }) => at !== '').map(({ at }) => `'${at}'`)
  return `# Completion of cairn for bash: eval "$(cairn completion bash)"
_cairn() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} at= i word
  COMPREPLY=()
  # bash takes = for a word of its own.
  if [[ $cur == = ]]; then cur=
  elif [[ $prev == = ]]; then prev=\${COMP_WORDS[COMP_CWORD - 2]}; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    [[ $word == -- ]] && return
    case "\${at:+$at }$word" in
      ${paths.join(' | ')}) at="\${at:+$at }$word" ;;
    esac
  done
  case "$at:$prev" in
${commands.flatMap(valuesOf).join('\n')}
  esac
  case "$at" in
${commands.map(wordsOf).join('\n')}
  esac
}
complete -o bashdefault -o default -F _cairn cairn
`
}

/** Behind an option that takes one of a few values, those; behind any other that takes one, nothing of ours. */
function valuesOf({ at, options }: Completed): readonly string[] {
  return options.flatMap(({ long, short, takes }) => {
    if (takes === undefined) return []
    const pattern = [long, ...(short === undefined ? [] : [short])].map((each) => `'${at}:${each}'`).join(' | ')
    const propose = takes.values.length === 0 ? '' : `${proposed(takes.values)}; `
    return [`    ${pattern}) ${propose}return ;;`]
  })
}

function wordsOf({ at, subcommands, options, values }: Completed): string {
  const flags = options.flatMap(({ long, short }) => [long, ...(short === undefined ? [] : [short])])
  const words = [...subcommands.map(({ name }) => name), ...values]
  const others = words.length === 0 ? '' : `; else ${proposed(words)}`
  return `    '${at}') if [[ $cur == -* ]]; then ${proposed(flags)}${others}; fi ;;`
}

function proposed(words: readonly string[]): string {
  return `COMPREPLY=($(compgen -W '${words.join(' ')}' -- "$cur"))`
}
