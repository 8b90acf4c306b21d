/** How much one command may write and say, so that no command alone outgrows a journal file. */
import { utf8Length } from '../verify/bytes.ts'
import { overLimit } from '../verify/fault.ts'
import type { CommandOutcome } from './contract.ts'

/** It decides outcomes: never change it. */
const EFFECTS_MAX: number = 16 << 20
/** What a record spends on an item beside its bytes and its text, at most. */
const ITEM_COST = 64

export class Effects {
  private size = 0

  /** One more thing of this many bytes. */
  spend(bytes: number): void {
    this.size += bytes + ITEM_COST
    if (this.size > EFFECTS_MAX) throw overLimit('what one command writes and emits', EFFECTS_MAX, this.size)
  }

  write(key: Uint8Array, value: Uint8Array | null): void {
    this.spend(key.length + (value?.length ?? 0))
  }

  say(label: string, data: Uint8Array): void {
    this.spend(utf8Length(label) + data.length)
  }
}

/** Throws where an outcome has more than that. */
export function demandEffects({
  obligations,
  intents,
  writes,
}: Pick<CommandOutcome, 'obligations' | 'intents' | 'writes'>): void {
  const effects = new Effects()
  for (const { topic, data } of obligations) effects.say(topic, data)
  for (const { kind, data } of intents) effects.say(kind, data)
  for (const [, key, value] of writes) effects.write(key, value)
}
