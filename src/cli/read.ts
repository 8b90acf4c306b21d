/** Files and standard input, read whole and bounded: what is too large is refused before it is in memory. */
import { open } from 'node:fs/promises'
import { CairnError } from '../verify/index.ts'

/** The name that stands for standard input. */
export const STANDARD_INPUT = '-'

/** What a file is called in a message. */
export function called(name: string): string {
  return name === STANDARD_INPUT ? 'standard input' : name
}

export async function readBounded(name: string, max: number): Promise<Uint8Array> {
  if (name === STANDARD_INPUT) return collect(process.stdin, name, max)
  const file = await open(name).catch((error: unknown) => {
    throw unreadable(name, error)
  })
  try {
    return await collect(file.createReadStream({ autoClose: false }), name, max)
  } finally {
    await file.close()
  }
}

async function collect(stream: AsyncIterable<Uint8Array>, name: string, max: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of stream) {
      size += chunk.length
      if (size > max) {
        const message = `${called(name)} is larger than the ${max} bytes that it may have`
        throw new CairnError('over_limit', message, { file: name, limit: max, size })
      }
      chunks.push(chunk)
    }
  } catch (error) {
    throw error instanceof CairnError ? error : unreadable(name, error)
  }
  return Buffer.concat(chunks)
}

function unreadable(name: string, error: unknown): CairnError {
  const { code, message } = error as NodeJS.ErrnoException
  const reason = REASONS[code ?? ''] ?? message
  return new CairnError('file_unreadable', `${called(name)} cannot be read: ${reason}`, { file: name, cause: code })
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'you may not read it',
  EISDIR: 'it is a directory',
}
