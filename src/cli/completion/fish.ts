/** The completion for fish. */
import type { Completed, CompletedOption } from './model.ts'

export function fishCompletion(commands: readonly Completed[]): string {
  const paths = commands.filter(({ at }) => at !== '').map(({ at }) => `'${at}'`)
  return `# Completion of cairn for fish: cairn completion fish | source
function __cairn_at
    set -l at
    for word in (commandline -opc)[2..-1]
        switch (string join ' ' -- $at $word)
            case ${paths.join(' ')}
                set -a at $word
        end
    end
    test "$at" = "$argv"
end
complete -c cairn -e
${commands.flatMap(linesOf).join('\n')}
`
}

function linesOf({ at, subcommands, options, values }: Completed): readonly string[] {
  const here = `complete -c cairn -n "__cairn_at ${at}"`
  const noFiles = subcommands.length > 0 || values.length > 0 ? [`${here} -f`] : []
  return [
    ...noFiles,
    ...subcommands.map(({ name, text }) => `${here} -a '${name}' -d '${text}'`),
    ...(values.length > 0 ? [`${here} -a '${values.join(' ')}'`] : []),
    ...options.map((option) => `${here} ${optionOf(option)}`),
  ]
}

function optionOf({ long, short, text, takes }: CompletedOption): string {
  const names = `-l ${long.slice(2)}${short === undefined ? '' : ` -s ${short.slice(1)}`}`
  const values = takes === undefined || takes.values.length === 0 ? '' : ` -a '${takes.values.join(' ')}'`
  const what = takes === undefined ? '' : takes.files ? ' -r -F' : ' -x'
  return `${names}${what}${values} -d '${text}'`
}
