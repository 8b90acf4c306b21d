/** How much one command may write and say, so that no command alone outgrows a journal file. */
import { EFFECTS_MAX, ITEM_COST } from '../limits.ts'
import { utf8Length } from '../verify/bytes.ts'
import { overLimit } from '../verify/fault.ts'
import type { CommandOutcome } from './contract.ts'

export class Effects {
  size = 0

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

/** What an outcome counts; throws where it is more than that. */
export function effectsOf({
  obligations,
  intents,
  writes,
}: Pick<CommandOutcome, 'obligations' | 'intents' | 'writes'>): number {
  const effects = new Effects()
  for (const { topic, data } of obligations) effects.say(topic, data)
  for (const { kind, data } of intents) effects.say(kind, data)
  for (const [, key, value] of writes) effects.write(key, value)
  return effects.size
}
