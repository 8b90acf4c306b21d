/**
 * What a thread of an audit is asked, in one piece of memory that is moved to it: the length of the task, the task, the bytes of the frames. Laid out by hand,
 * for the bytes are many and are copied once.
 */
import { deserialize, serialize } from 'node:v8'
import type { Genesis } from '../verify/types.ts'
import type { Keeps, ScratchPlace } from './scratch.ts'
import type { Frames, Spot } from './source.ts'

/** To find out of frames what can be found out of them by themselves. */
export interface ExamineTask extends Spot {
  readonly kind: 'examine'
  readonly genesis: Genesis
  readonly isDeep: boolean
}

/** Where states are recomputed, and from where on. */
export interface StatesBegin {
  readonly place: ScratchPlace
  readonly keeps: Keeps
  readonly machineOfGenesis: string
  /** The height of the first block. */
  readonly from: bigint
  /** Why nothing can be recomputed any more from where an audit goes on. */
  readonly unchecked: string | undefined
}

/** To recompute the state of blocks, in trees that one thread has: each of these tasks rests on those before it. */
export type StatesTask =
  | ({ readonly kind: 'states' } & StatesBegin)
  | ({ readonly kind: 'stretch' } & StretchHead)
  | { readonly kind: 'entries' }
  | { readonly kind: 'settle' }
  | { readonly kind: 'keep'; readonly from: number }
  | { readonly kind: 'close' }

/** What there is to know of frames beside their bytes. */
type StretchHead = Spot &
  ({ readonly is: 'packed' } | { readonly is: 'records'; readonly isPlain: boolean; readonly end: number })

export type Task = ExamineTask | StatesTask

const LENGTH = 4

export function encodeTask(task: Task, bytes: Uint8Array = new Uint8Array()): Uint8Array {
  const head = serialize(task)
  const encoded = new Uint8Array(LENGTH + head.length + bytes.length)
  new DataView(encoded.buffer).setUint32(0, head.length)
  encoded.set(head, LENGTH)
  encoded.set(bytes, LENGTH + head.length)
  return encoded
}

export function decodeTask(encoded: Uint8Array): { readonly task: Task; readonly bytes: Uint8Array } {
  const end = LENGTH + new DataView(encoded.buffer, encoded.byteOffset).getUint32(0)
  return { task: deserialize(encoded.subarray(LENGTH, end)) as Task, bytes: encoded.subarray(end) }
}

export function encodeStretch(frames: Frames): Uint8Array {
  const { file, offset } = frames
  if (frames.kind === 'packed') return encodeTask({ kind: 'stretch', is: 'packed', file, offset }, frames.bytes)
  const { isPlain, end, records } = frames
  return encodeTask({ kind: 'stretch', is: 'records', file, offset, isPlain, end }, serialize(records))
}

export function framesOf(task: StretchHead, bytes: Uint8Array): Frames {
  const { file, offset } = task
  if (task.is === 'packed') return { kind: 'packed', file, offset, bytes }
  const { isPlain, end } = task
  return { kind: 'records', file, offset, isPlain, end, records: deserialize(bytes) as readonly unknown[] }
}
