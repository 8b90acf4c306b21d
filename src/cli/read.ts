/** Files and standard input, read whole and bounded: what is too large is refused before it is in memory. */
import { open } from 'node:fs/promises'
import { CairnError } from '../verify/index.ts'

/** The name that stands for standard input. */
export const STANDARD_INPUT = '-'

export async function readBounded(name: string, max: number): Promise<Uint8Array> {
  if (name === STANDARD_INPUT) return await collect(process.stdin, 'standard input', max)
  const file = await open(name).catch((error: NodeJS.ErrnoException) => {
    throw new CairnError('file_unreadable', `${name} cannot be read: ${reasonOf(error)}.`, {
      file: name,
      cause: error.code,
    })
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
        const message = `${name} is larger than the ${max} bytes that such a document may have.`
        throw new CairnError('over_limit', message, { file: name, limit: max, size })
      }
      chunks.push(chunk)
    }
  } catch (error) {
    if (error instanceof CairnError) throw error
    const { code } = error as NodeJS.ErrnoException
    throw new CairnError('file_unreadable', `${name} cannot be read: ${reasonOf(error as NodeJS.ErrnoException)}.`, {
      file: name,
      cause: code,
    })
  }
  return Buffer.concat(chunks)
}

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return 'there is no such file'
  if (code === 'EACCES') return 'you may not read it'
  if (code === 'EISDIR') return 'it is a directory'
  return message
}
