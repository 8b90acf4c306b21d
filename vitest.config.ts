/** How the tests run: each file in a process of its own, the longest first. */
import { configDefaults, defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { mutantPlugin } from './test/mutants/plugin.ts'

/** Those that take half a minute and more, the longest first: begun last, one of them would keep a core busy while all others wait for it. */
const LONGEST = [
  'test/package/package',
  'test/cli/remote',
  'test/cli/remote-secrets',
  'test/evm/docs',
  'test/package/readme',
  'test/crash/each-call',
  'test/crash/kill',
  'test/pipeline/crash',
  'test/simulation/whole',
  'test/cli/remote-lies',
  'test/cli/append',
  'test/cli/inspect',
  'test/house/fresh-copy',
  'test/cli/log',
  'test/cli/export',
  'test/evm/cli',
  'test/store/rot',
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
    // One for each core: most tests wait for disks, processes and browsers.
    maxWorkers: '100%',
    allowOnly: false,
    // Property tests and oracles over thousands of updates are slow on a busy machine; a hang still ends.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
