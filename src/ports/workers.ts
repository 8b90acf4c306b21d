/** The port to work that goes on beside the one thread that decides: a task gets one buffer, and answers with one. */
export interface Workers {
  /** Runs the task; its input is moved away and must not be used afterwards. Tasks end in any order. */
  run(input: Uint8Array): Promise<Uint8Array>
  close(): Promise<void>
}

/** A worker ended before it answered: the task was not done, and may be done elsewhere. */
export class WorkerEnded extends Error {
  override readonly name = 'WorkerEnded'
}
