/** The other side of the threads of an audit: what they make of their tasks (`task.ts`). */
import { serialize } from 'node:v8'
import { type RecordWith, readPlainStated } from '../journal/record-read.ts'
import type { TaskRun } from '../ports/workers.ts'
import { toHex } from '../verify/bytes.ts'
import type { StatedCommand } from '../verify/chain-state.ts'
import { native } from '../verify/codec.ts'
import type { Engine } from '../verify/engine.ts'
import { attempt, CairnError } from '../verify/error.ts'
import { identify } from '../verify/identity.ts'
import { chainRecord } from '../verify/records.ts'
import { Examiner, framesIn } from './examine.ts'
import { type PackedExamined, packExamined } from './examined-pack.ts'
import type { Entry } from './scratch.ts'
import { ScratchStates } from './scratch-states.ts'
import type { Frames } from './source.ts'
import { type StatesAnswers, type StatesFound, threadEnded } from './states-ahead.ts'
import { decodeTask, type ExamineTask, framesOf, type StatesBegin, type StatesTask } from './task.ts'

export function taskAnswerer(engine: Engine): TaskRun {
  const examine = examiner(engine)
  const states = new StatesOnThread(engine)
  return async (input, shared) => {
    const { task, bytes } = decodeTask(input)
    return serialize(task.kind === 'examine' ? examine(task, shared ?? bytes) : await states.answer(task, bytes))
  }
}

function examiner(engine: Engine): (task: ExamineTask, bytes: Uint8Array) => PackedExamined {
  // It remembers what comes again with every block, and nearly always it is of the chain of the task before.
  let last: { readonly key: string; readonly examiner: Examiner } | undefined
  return ({ genesis, isDeep, file, offset }, bytes) => {
    const identity = identify(genesis, engine.hasher)
    const key = `${toHex(identity.chainId)} ${isDeep}`
    const { examiner } = last?.key === key ? last : { examiner: new Examiner(identity, engine, isDeep) }
    last = { key, examiner }
    return packExamined(examiner.examine({ kind: 'packed', file, offset, bytes }))
  }
}

type StatedRecord = RecordWith<readonly StatedCommand[]>

/** The states that this thread has, from the first task on to the one that closes them. */
class StatesOnThread {
  private readonly engine: Engine
  private states: ScratchStates | undefined
  private entries: AsyncGenerator<readonly Entry[], void> | undefined
  /** The height of the block that comes next. */
  private next = 0n

  constructor(engine: Engine) {
    this.engine = engine
  }

  async answer(task: StatesTask, bytes: Uint8Array): Promise<StatesAnswers[keyof StatesAnswers] | undefined> {
    if (task.kind === 'states') return this.open(task)
    const { states } = this
    if (task.kind === 'close') return states?.close().then(() => undefined)
    // Those were with the thread in whose place this one was started.
    if (states === undefined) throw threadEnded('another one took its place')
    switch (task.kind) {
      case 'stretch':
        return this.judge(states, framesOf(task, bytes))
      case 'entries': {
        this.entries ??= states.entries()
        const next = await this.entries.next()
        return next.done === true ? [] : next.value
      }
      case 'settle':
        await states.settle()
        return undefined
      case 'keep':
        await states.keepFrom(task.from)
        return undefined
    }
  }

  private async open(begin: StatesBegin): Promise<StatesAnswers['states']> {
    this.states = await ScratchStates.open(this.engine.hasher, begin)
    this.next = begin.from
    return this.states.roots
  }

  /** Up to the first fault, also where it is one that whoever joins these blocks finds: behind it nothing counts. */
  private async judge(states: ScratchStates, frames: Frames): Promise<StatesFound> {
    const stretch = states.stretch()
    let unchecked: StatesFound['unchecked']
    for (const { records, isPlain } of framesIn(frames, readPlainStated)) {
      if (typeof records === 'string') break
      for (const given of records) {
        const record = isPlain ? (given as StatedRecord) : attempt(() => chainRecord.decode(given, native))
        if (record instanceof CairnError) return { next: this.next, ...(unchecked && { unchecked }) }
        if (record.k !== 'block') continue
        const { height } = record.header
        if (height !== this.next) return { next: this.next, ...(unchecked && { unchecked }) }
        const before = states.unchecked
        const fault = await stretch.faultOf(height, () => record)
        if (before === undefined && states.unchecked !== undefined) unchecked = { height, why: states.unchecked }
        if (fault !== undefined) return { next: height, fault: { ...fault, height }, ...(unchecked && { unchecked }) }
        this.next++
      }
    }
    return { next: this.next, ...(unchecked && { unchecked }) }
  }
}
