/**
 * Bytes that all threads see: whoever hands them to a task writes nothing into them until it ended. The type has no parameter for its buffer, which
 * TypeScript before 5.7 does not know: it reads this in every project that embeds a chain.
 */
export type SharedBytes = Uint8Array & { readonly buffer: SharedArrayBuffer }

/** What a thread makes of a task; of what is shared it keeps nothing. */
export type TaskRun = (input: Uint8Array, shared?: SharedBytes) => Uint8Array | Promise<Uint8Array>

/** The port to work that goes on beside the one thread that decides: a task gets one buffer, and answers with one. */
export interface Workers {
  /** Runs the task; its input is moved away and must not be used afterwards, and what is shared stays where it is. Tasks end in any order. */
  run(input: Uint8Array, shared?: SharedBytes): Promise<Uint8Array>
  close(): Promise<void>
}

/** A worker ended before it answered: the task was not done, and may be done elsewhere. */
export class WorkerEnded extends Error {
  override readonly name = 'WorkerEnded'
}
