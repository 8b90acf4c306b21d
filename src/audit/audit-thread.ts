/** The script of the threads of an audit. */
import { loadEngine } from '../hash/index.ts'
import { serveTasks } from '../ports/node-workers.ts'
import { taskAnswerer } from './task-answers.ts'

serveTasks(taskAnswerer(await loadEngine()))
