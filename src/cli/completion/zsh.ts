/** The completion for zsh: sourced, or as a file _cairn in a folder of $fpath. */
import type { Completed, CompletedOption } from './model.ts'

export function zshCompletion(commands: readonly Completed[]): string {
  const paths = commands.filter(({ at }) => at !== '').map(({ at }) => `'${at}'`)
  return `#compdef cairn
# Completion of cairn for zsh: source <(cairn completion zsh), after compinit
_cairn() {
  local at= cur=\${words[CURRENT]} prev=\${words[CURRENT - 1]} word
  local -a names flags
  for word in "\${(@)words[2, CURRENT - 1]}"; do
    [[ $word == -- ]] && { _files; return }
    case "\${at:+$at }$word" in
      (${paths.join('|')}) at="\${at:+$at }$word" ;;
    esac
  done
  [[ $cur == --*=* ]] && { prev=\${cur%%=*}; compset -P '*=' }
  case "$at:$prev" in
${commands.flatMap(valuesOf).join('\n')}
  esac
  case "$at" in
${commands.map(wordsOf).join('\n')}
  esac
  if [[ $cur == -* ]]; then _describe -o option flags
  elif (( $#names )); then _describe command names
  else _files; fi
}
if [[ $funcstack[1] == _cairn ]]; then _cairn "$@"; else compdef _cairn cairn; fi
`
}

function valuesOf({ at, options }: Completed): readonly string[] {
  return options.flatMap(({ long, short, takes }) => {
    if (takes === undefined) return []
    const pattern = [long, ...(short === undefined ? [] : [short])].map((each) => `'${at}:${each}'`).join('|')
    const { values, files } = takes
    const propose = [...(values.length > 0 ? [`compadd -- ${values.join(' ')}`] : []), ...(files ? ['_files'] : [])]
    return [`    (${pattern}) ${[...propose, 'return'].join('; ')} ;;`]
  })
}

function wordsOf({ at, subcommands, options, values }: Completed): string {
  const names = [...subcommands.map(({ name, text }) => described(name, text)), ...values.map((each) => `'${each}'`)]
  return `    ('${at}') names=(${names.join(' ')}); flags=(${options.flatMap(flagsOf).join(' ')}) ;;`
}

function flagsOf({ long, short, text }: CompletedOption): readonly string[] {
  return [described(long, text), ...(short === undefined ? [] : [described(short, text)])]
}

function described(name: string, text: string): string {
  return `'${name}:${text}'`
}
