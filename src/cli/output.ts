/** Standard output that is written piece by piece, no faster than it is read. */

let hasFailed = false

/** Notes when nobody reads it any more: the stream itself forgets it. */
export function watchOutput(): void {
  process.stdout.on('error', () => {
    hasFailed = true
  })
}

/** Whether nobody reads it any more: then there is nothing left to do. */
export function isUnread(): boolean {
  return hasFailed
}

/** Comes back when the reader of the output has room for more, or is gone. */
export async function print(piece: string | Uint8Array): Promise<void> {
  const { stdout } = process
  if (isUnread() || stdout.write(piece)) return
  await new Promise<void>((resolve) => {
    const done = (): void => {
      stdout.off('drain', done).off('close', done)
      resolve()
    }
    stdout.on('drain', done).on('close', done)
  })
}
