/** What goes on for a while, and ends in good order when somebody interrupts it. */
const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/** Runs this; its signal is raised by the first Ctrl-C. A second one ends the process as ever. */
export async function interruptible<T>(run: (interrupted: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  const interrupt = (): void => controller.abort()
  for (const signal of SIGNALS) process.once(signal, interrupt)
  try {
    return await run(controller.signal)
  } finally {
    for (const signal of SIGNALS) process.off(signal, interrupt)
  }
}
