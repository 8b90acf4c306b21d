/** How the tests run: each file in a process of its own, the longest first. */
import { availableParallelism } from 'node:os'
import { configDefaults, defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { mutantPlugin } from './test/mutants/plugin.ts'

/** Those that take a quarter of a minute and more, the longest first: begun last, one of them would keep a core busy while all others wait for it. */
const LONGEST = [
  'test/evm/cli',
  'test/cli/keys',
  'test/cli/remote',
  'test/state/rewind',
  'test/cli/remote-lies',
  'test/client/client',
  'test/audit/repair',
  'test/server/floods',
  'test/cli/guard',
  'test/pipeline/crash',
  'test/crash/kill',
  'test/web/anchors',
  'test/server/hostile',
  'test/package/readme',
  'test/cli/append',
  'test/store/rot',
  'test/evm/differential',
  'test/house/fresh-copy',
  'test/cli/log',
  'test/cli/config',
  'test/simulation/whole',
  'test/cli/export',
  'test/web/lies',
  'test/cli/inspect',
  'test/audit/flips',
  'test/cli/chain',
  'test/evm/docs',
  'test/web/pages',
  'test/audit/command-lists',
  'test/cli/verify-chain',
  'test/package/package',
  'test/cli/machines',
  'test/verify/chain-stream',
  'test/crash/each-call',
  'test/web/journey',
  'test/verify/properties/flipped-bits',
  'test/cli/repair',
  'test/client/reading',
  'test/cli/remote-secrets',
  'test/server/process',
  'test/fuzz/fuzz',
  'test/cli/bench',
]

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const found = LONGEST.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`))
      return found < 0 ? LONGEST.length : found
    }
    // What is not among them stays as vitest sorts it.
    return (await super.sort(files)).toSorted((a, b) => place(a) - place(b))
  }
}

export default defineConfig({
  plugins: [mutantPlugin(process.env.CAIRN_MUTANT)],
  test: {
    include: ['test/**/*.test.ts', 'examples/**/*.test.ts'],
    exclude: configDefaults.exclude,
    pool: 'forks',
    sequence: { sequencer: LongestFirst },
    // More than there are cores: most of the long ones wait for disks, processes, browsers, or for time to go by.
    maxWorkers: Math.ceil(1.5 * availableParallelism()),
    allowOnly: false,
    // Property tests and oracles over thousands of updates are slow on a busy machine; a hang still ends.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // What is waited for on a page may take as long there; it is looked at again all the time.
    expect: { poll: { timeout: 30_000 } },
  },
})
