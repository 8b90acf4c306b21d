/** What the threads of test/ports/workers.test.ts run. */
import { serveTasks } from '../../src/ports/node-workers.ts'
import { work } from './worker-tasks.ts'

serveTasks(work)
