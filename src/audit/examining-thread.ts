/** The script of the threads that examine frames. */
import { loadEngine } from '../hash/index.ts'
import { serveTasks } from '../ports/node-workers.ts'
import { taskAnswerer } from './threads.ts'

serveTasks(taskAnswerer(await loadEngine()))
