/** `cairn completion`: its scripts, in the shells that are here. */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { beforeAll, describe, expect, it, test } from 'vitest'
import { completedOf } from '../../src/cli/completion/model.ts'
import { makeProgram } from '../../src/cli/program.ts'
import { chainFolder } from './chain-folder.ts'

const { at, cairn, cairnWith, path } = chainFolder()

const run = (shell: string, ...args: string[]) =>
  spawnSync(shell, args, { encoding: 'utf8', cwd: path, env: { PATH: process.env.PATH ?? '', HOME: path } })

/** How a shell is asked what it proposes for a line: a word, or nothing, after the last blank. */
const ASKED: Readonly<Record<string, (line: string) => readonly string[]>> = {
  bash: (line) => [
    '--norc',
    '-c',
    `source ./bash.sh; COMP_WORDS=(); for word in "$@"; do COMP_WORDS+=("$word"); done
     COMP_CWORD=$(($# - 1)); _cairn; printf '%s\\n' "\${COMPREPLY[@]}"`,
    'bash',
    ...line.replace('=', ' = ').split(' '),
  ],
  // The functions of the completion system are stood in for: they want a terminal.
  zsh: (line) => [
    '-f',
    '-c',
    `compdef() { :; }; source ./zsh.sh
     compadd() { shift; print -l -- "$@"; }; compset() { :; }; _files() { print -- FILES; }
     _describe() { print -l -- "\${(@)\${(@P)argv[-1]}%%:*}"; }
     words=("$@"); CURRENT=$#; _cairn`,
    'zsh',
    ...line.split(' '),
  ],
  fish: (line) => ['--no-config', '-c', `source ./fish.sh; complete -C '${line}'`],
}

const shells = Object.keys(ASKED).filter((shell) => run(shell, '-c', 'exit 0').status === 0)

/** What begins as the word does: of some shells only their own machinery sees to that. */
function proposed(shell: string, line: string): readonly string[] {
  const { stdout, stderr } = run(shell, ...(ASKED[shell]?.(line) ?? []))
  expect(stderr).toBe('')
  const [, word = ''] = /[ =]?([^ =]*)$/.exec(line) ?? []
  const words = stdout.split('\n').map((each) => each.split('\t')[0]?.replace(/^--\w+=/, '') ?? '')
  return words.filter((each) => each !== '' && each.startsWith(word)).sort()
}

beforeAll(async () => {
  for (const shell of Object.keys(ASKED)) writeFileSync(at(`${shell}.sh`), (await cairn('completion', shell)).stdout)
})

it('is tried in bash at the least', () => {
  expect(shells).toContain('bash')
})

describe('what is completed', () => {
  const completed = completedOf(makeProgram())
  const optionOf = (at: string, long: string) =>
    completed.find((each) => each.at === at)?.options.find((each) => each.long === long)

  test.each([
    ['repair', '--from'],
    ['anchor', '--chain'],
    ['export', '--out'],
    ['init', '--machine'],
  ])('%s %s takes the name of a file', (at, long) => {
    expect(optionOf(at, long)?.takes?.files).toBe(true)
  })

  it('says what the help says, as far as a line goes', () => {
    expect(optionOf('init', '--machine')?.text).toBe(
      'its state machine, kv, ledger, external, or a module such as ./my-machine.js',
    )
    expect(optionOf('serve', '--passphrase-fd')?.text).toBe('read it from this file descriptor, 3 with 3<file')
    expect(optionOf('append', '--request')?.text).toBe('the client’s number for the first command')
    expect(completed.find(({ at }) => at === 'config')?.subcommands[1]?.text).toBe(
      'Print the JSON Schema of cairn.config.json, for editors',
    )
  })
})

describe.each(shells)('%s', (shell) => {
  it('reads the script', () => {
    expect(run(shell, shell === 'fish' ? '--no-execute' : '-n', `${shell}.sh`)).toMatchObject({ status: 0, stderr: '' })
  })

  test.each<[line: string, words: readonly string[]]>([
    ['cairn ex', ['export']],
    ['cairn ver', ['verify']],
    ['cairn e', ['evidence', 'evm', 'export']],
    ['cairn keys ', ['delegation', 'import', 'list', 'revocation', 'rotate']],
    ['cairn keys r', ['revocation', 'rotate']],
    ['cairn serve demo --po', ['--port']],
    ['cairn keys list demo --js', ['--json']],
    ['cairn export demo --fr', ['--from']],
    ['cairn get --he', ['--height', '--help', '--hex']],
    ['cairn inspect --conf', ['--config']],
    ['cairn verify demo --level ', ['replay', 'roots', 'seals']],
    ['cairn verify demo --level=ro', ['roots']],
    ['cairn --config x.json verify demo --level s', ['seals']],
    ['cairn serve demo --log w', ['warn']],
    ['cairn get --tree r', ['risk']],
    ['cairn init demo --machine le', ['ledger']],
    ['cairn completion ', ['bash', 'fish', 'zsh']],
    // Those of other commands are no business of this one.
    ['cairn id --le', []],
  ])('%s', (line, words) => {
    expect(proposed(shell, line)).toEqual(words)
  })

  it('proposes files where one is meant, and bash does so by itself', () => {
    const files = { bash: [], zsh: ['FILES'], fish: expect.arrayContaining(['bash.sh', 'fish.sh', 'zsh.sh']) }
    expect({ [shell]: proposed(shell, 'cairn repair demo --from ') }).toEqual({
      [shell]: files[shell as keyof typeof files],
    })
  })

  it('proposes every command, with every option that its help has', async () => {
    const commands = proposed(shell, 'cairn ')
    expect(commands).toEqual(expect.arrayContaining(['append', 'completion', 'config', 'demo', 'serve', 'verify']))
    for (const command of ['append', 'verify', 'keys rotate']) {
      const help = (await cairn(...command.split(' '), '--help')).stdout
      const flags = [...help.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, flag]) => flag)
      expect(flags.length).toBeGreaterThan(5)
      const wanted = flags.filter((flag) => flag !== '--version')
      expect(proposed(shell, `cairn ${command} --`)).toEqual(expect.arrayContaining(wanted))
    }
  })
})

it('is refused for other shells', async () => {
  expect(await cairn('completion', 'tcsh')).toMatchObject({ code: 2 })
  expect(await cairnWith({}, 'completion')).toMatchObject({ code: 2 })
})
