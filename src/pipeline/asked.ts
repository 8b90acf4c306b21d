/**
 * What is asked of a chain where no compiler looked at it. What is misspelt, or of another kind, is refused: answered as if it had not been there it
 * would be an answer to another question. And what is asked is copied, for whoever asks may use his buffers again before he is answered.
 */
import { native } from '../verify/codec.ts'
import { rawKey, treeName } from '../verify/codecs.ts'
import { attempt, CairnError } from '../verify/error.ts'
import { asIndex, demandMembers } from '../verify/option.ts'
import type { TreeName } from '../verify/types.ts'
import type { KeyAsked, ProofRequest } from './prove.ts'

/** What may name a command: that there is nothing under what cannot would mean that it may be sent again. */
export function demandName(client: unknown, request: unknown): void {
  if (typeof client === 'string' && typeof request === 'bigint') return
  const message = 'No command has such a name: its client is text, and its number a bigint.'
  throw new CairnError('unknown_entry', message, { client, request })
}

interface Key {
  readonly tree: TreeName
  readonly key: Uint8Array
}

export function readKey(tree: unknown, key: unknown): Key {
  const read = attempt(() => ({ tree: treeName.decode(tree, native), key: rawKey.decode(key, native) }))
  if (read instanceof CairnError) throw new CairnError('invalid_key', `This is no key of a tree: ${read.message}`)
  return read
}

const REQUEST = ['command', 'obligation', 'intent', 'state', 'absent', 'key', 'since', 'height'] as const

/** What is to be proved, as lists of its own; whether it is there is for the proof to say. */
export function readRequest(request: ProofRequest): ProofRequest {
  demandMembers(request, REQUEST satisfies readonly (keyof ProofRequest)[])
  const { command, obligation, intent, state, absent, key, since, height } = request
  return {
    command: entriesOf('command', command),
    obligation: entriesOf('obligation', obligation),
    intent: entriesOf('intent', intent),
    state: keysOf(state),
    absent: keysOf(absent),
    key: keysOf(key),
    ...(since !== undefined && { since }),
    ...(height !== undefined && { height }),
  }
}

function entriesOf(what: string, asked: bigint | readonly bigint[] | undefined): readonly bigint[] {
  if (asked === undefined) return []
  const entries = Array.isArray(asked) ? (asked as readonly unknown[]) : [asked]
  return Array.from(entries, (index) => asIndex(what, index))
}

function keysOf(asked: readonly KeyAsked[] | undefined): readonly Key[] {
  if (asked === undefined) return []
  if (!Array.isArray(asked)) throw new CairnError('invalid_key', 'Keys are asked for as an array of them.')
  return Array.from(asked as readonly unknown[], (each) => {
    if (each instanceof Uint8Array) return readKey('state', each)
    const { tree, key } = (each ?? {}) as Partial<Key>
    return readKey(tree, key)
  })
}
