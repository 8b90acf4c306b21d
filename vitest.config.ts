/** How the tests run: each file in a process of its own. */
import { configDefaults, defineConfig } from 'vitest/config'
import { mutantPlugin } from './test/mutants/plugin.ts'

export default defineConfig({
  plugins: [mutantPlugin(process.env.CAIRN_MUTANT)],
  test: {
    include: ['test/**/*.test.ts', 'examples/**/*.test.ts'],
    exclude: configDefaults.exclude,
    pool: 'forks',
    // One for each core: most tests wait for disks, processes and browsers.
    maxWorkers: '100%',
    allowOnly: false,
    // Property tests and oracles over thousands of updates are slow on a busy machine; a hang still ends.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
