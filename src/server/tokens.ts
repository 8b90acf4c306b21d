/**
 * Who may do what: tokens, in a file beside the keys. A token is 256 random bits that its holder alone has; here lies its hash.
 *
 * Promise: what is compared is compared in constant time; a token is never in a log, a URL or a message.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { basename, dirname } from 'node:path'
import type { FastifyRequest } from 'fastify'
import { alone } from '../keys/alone.ts'
import { modePrivacy, readSecret, writeSecret } from '../keys/secret-file.ts'
import type { Disk } from '../ports/disk.ts'
import { CLIENT_MAX } from '../verify/bounds.ts'
import { utf8 } from '../verify/bytes.ts'
import { bytes32, type Codec, json, list, native, object, oneOf, optional, text, u64 } from '../verify/codec.ts'
import { attempt, CairnError } from '../verify/error.ts'
import { readJson } from '../verify/json.ts'
import type { Scope } from './route.ts'

export interface TokenEntry {
  /** For people: what it is for. */
  readonly name: string
  readonly hash: Uint8Array
  readonly scopes: readonly Scope[]
  /** The client names that it may use; any where they are left out. */
  readonly clients?: readonly string[]
  readonly createdAt: bigint
}

interface TokensFile {
  readonly format: 'cairn.tokens/v1'
  readonly tokens: readonly TokenEntry[]
}

/** Among the keys of a chain, where nobody says that it is elsewhere. */
export const TOKENS_FILE = 'tokens.json'
const TOKENS_MAX = 1024
const BYTES_MAX = 1 << 20
const PREFIX = 'cairn_'

const entry = object<TokenEntry>({
  name: text(1, 64),
  hash: bytes32,
  scopes: list(oneOf<Scope>('read', 'append'), 2),
  clients: optional(list(text(1, CLIENT_MAX), 64)),
  createdAt: u64,
})
const codec: Codec<TokensFile> = object<TokensFile>({
  format: oneOf('cairn.tokens/v1'),
  tokens: list(entry, TOKENS_MAX),
})

/** Undefined where there is no such file. */
export async function readTokens(disk: Disk, path: string): Promise<readonly TokenEntry[] | undefined> {
  const bytes = await readSecret(disk, dirname(path), basename(path), BYTES_MAX, modePrivacy)
  if (bytes === undefined) return undefined
  const file = attempt(() => codec.decode(readJson(bytes), json))
  if (!(file instanceof CairnError)) return file.tokens
  const message = `${path} is not a file of tokens (${file.message}): bring back a copy, or remove it and make new ones.`
  throw new CairnError('tokens_invalid', message, { path })
}

/**
 * For a server that starts. Without a file it wants none, as long as nobody `named` one: a name that is mistyped, or a token that was the last one and is removed,
 * must not open it to whoever reaches it.
 */
export async function tokensToServe(disk: Disk, path: string, isNamed: boolean): Promise<readonly TokenEntry[]> {
  const tokens = await readTokens(disk, path)
  if (tokens === undefined && !isNamed) return []
  if (tokens !== undefined && tokens.length > 0) return tokens
  const message =
    tokens === undefined
      ? `There is no file of tokens ${path}: make a token with cairn token new, or name another file.`
      : `${path} has no token any more, so that nobody could use the server: make one with cairn token new, or remove the file to serve without any on loopback.`
  throw new CairnError('tokens_needed', message, { path })
}

/** The token, which nobody can read here ever again. */
export async function addToken(disk: Disk, path: string, given: Omit<TokenEntry, 'hash'>): Promise<string> {
  const token = `${PREFIX}${randomBytes(32).toString('base64url')}`
  await change(disk, path, (tokens) => [...tokens, { ...given, hash: hashOf(token) }])
  return token
}

/** How many of this name there were. */
export async function removeToken(disk: Disk, path: string, name: string): Promise<number> {
  // An empty file would say that nobody may use the server.
  if ((await readTokens(disk, path)) === undefined) return 0
  let count = 0
  await change(disk, path, (tokens) => {
    const left = tokens.filter((each) => each.name !== name)
    count = tokens.length - left.length
    return left
  })
  return count
}

async function change(
  disk: Disk,
  path: string,
  changed: (tokens: readonly TokenEntry[]) => readonly TokenEntry[],
): Promise<void> {
  const directory = dirname(path)
  await disk.makeDirectory(directory)
  await alone(disk, `${path}.lock`, `the tokens in ${path}`, async () => {
    const tokens = changed((await readTokens(disk, path)) ?? [])
    const file = codec.encode(codec.decode({ format: 'cairn.tokens/v1', tokens }, native), json)
    await writeSecret(disk, directory, basename(path), utf8(`${JSON.stringify(file, undefined, 2)}\n`), modePrivacy)
  })
}

function hashOf(token: string): Uint8Array {
  return createHash('sha256').update(token).digest()
}

/** What a request may do; `unauthorized` where it brings no token that is known, `forbidden` where that one does not reach. */
export function demandScope(request: FastifyRequest, tokens: readonly TokenEntry[], scope: Scope): TokenEntry {
  const [, token] = /^Bearer ([\w-]{1,128})$/i.exec(request.headers.authorization ?? '') ?? []
  const hash = hashOf(token ?? '')
  // All of them, whichever it is: how long it takes says nothing.
  let found: TokenEntry | undefined
  for (const each of tokens) if (timingSafeEqual(each.hash, hash)) found = each
  if (found === undefined) {
    throw new CairnError(
      'unauthorized',
      'Send a token of this server: Authorization: Bearer cairn_…. Its operator makes one with cairn token new.',
    )
  }
  if (found.scopes.includes(scope)) return found
  throw new CairnError(
    'forbidden',
    `The token ${JSON.stringify(found.name)} is not for this: it has no scope ${scope}.`,
    { scope },
  )
}

const holders = new WeakMap<FastifyRequest, TokenEntry>()

export function hold(request: FastifyRequest, token: TokenEntry): void {
  holders.set(request, token)
}

/** A token that is bound to client names speaks for no other, and not without a name. */
export function demandClient(request: FastifyRequest, client: string | undefined): void {
  const clients = holders.get(request)?.clients
  if (clients === undefined || (client !== undefined && clients.includes(client))) return
  throw new CairnError('forbidden', 'The token is bound to client names, and this is none of them.', {
    client: client ?? '',
    clients: clients.join(', '),
  })
}
