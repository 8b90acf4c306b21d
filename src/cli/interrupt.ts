/**
 * What goes on for a while, and ends in good order when somebody interrupts it: by Ctrl-C, by SIGTERM, or by closing the terminal. Node undoes what
 * `nohup` says of that, so that it comes all the same.
 */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Comes back with the first of them. A second one ends the process at once, for whoever presses Ctrl-C twice means it; but a closed terminal is told by
 * the shell and by the system, and the second time says nothing new.
 */
export function interrupted(): Promise<string> {
  return new Promise((resolve) => {
    const stop = (signal: string): void => {
      process.off('SIGINT', stop).off('SIGTERM', stop)
      resolve(signal)
    }
    for (const each of SIGNALS) process.on(each, stop)
  })
}

/** Runs this; its signal is raised by the first of them. A second one ends the process at once, whichever it is, but for a terminal that is closed. */
export async function interruptible<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  const interrupt = (): void => {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt)
    controller.abort()
  }
  for (const signal of SIGNALS) process.on(signal, interrupt)
  try {
    return await run(controller.signal)
  } finally {
    for (const signal of SIGNALS) process.off(signal, interrupt)
  }
}
