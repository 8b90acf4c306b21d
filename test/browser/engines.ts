/** The answers with one engine or the other, in a page or in a worker alike. */
import { describeEngine, loadEngine } from 'cairn-log/hash'
import { nobleEngine } from 'cairn-log/verify'
import { type Answers, answersTo } from './answers.ts'

const VECTORS = ['chain', 'ranges', 'state', 'state-updates', 'proofs', 'texts', 'evidence'] as const

export type EngineName = 'noble' | 'fast'

export interface Answered {
  /** The engine as it describes itself. */
  readonly engine: string
  readonly answers: Answers
}

export async function answerWith(name: EngineName): Promise<Answered> {
  const engine = name === 'fast' ? await loadEngine() : nobleEngine
  const vectors = await Promise.all(
    VECTORS.map(async (file) => [file, await (await fetch(`/vectors/${file}.json`)).json()] as const),
  )
  return { engine: describeEngine(engine), answers: answersTo(Object.fromEntries(vectors), engine) }
}
