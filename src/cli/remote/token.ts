/** The token for a server: out of a file that only its owner reads, or out of the environment. Never an argument: other processes read those. */
import { open } from 'node:fs/promises'
import { demandPrivateMode } from '../../keys/secret-file.ts'
import { CairnError } from '../../verify/index.ts'
import { shownPath } from '../place.ts'

const BYTES_MAX = 4096
/** As RFC 6750 has them. */
const FORM = /^[\w.~+/-]+=*$/

/** The file that is named comes before what the environment says; nothing where nobody says anything. */
export async function readToken(file: string | undefined, environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  if (file !== undefined) return demandForm(await firstLine(file), shownPath(file))
  const { CAIRN_TOKEN } = environment
  return CAIRN_TOKEN === undefined || CAIRN_TOKEN === '' ? undefined : demandForm(CAIRN_TOKEN, 'CAIRN_TOKEN')
}

async function firstLine(path: string): Promise<string> {
  const file = await open(path)
  try {
    const found = await file.stat()
    // What runs through a pipe is read once; some systems give every pipe a mode for groups.
    if (found.isFile()) demandPrivateMode(shownPath(path), { mode: found.mode, isDirectory: false })
    const { buffer, bytesRead } = await file.read(Buffer.alloc(BYTES_MAX + 1), 0, BYTES_MAX + 1)
    return buffer.toString('utf8', 0, bytesRead).replace(/\r?\n$/, '')
  } finally {
    await file.close()
  }
}

function demandForm(token: string, from: string): string {
  if (token.length <= BYTES_MAX && FORM.test(token)) return token
  throw new CairnError('token_invalid', `What ${from} holds is no token: one line, as cairn token new prints it.`, {
    from,
  })
}
