/** One moment of a life, by the name of what it does there: the power goes, or the disk says that a call failed. */
import type { World } from './world.ts'

/** What a disk says that fails. */
export const EIO = Object.assign(new Error('made for a test'), { code: 'EIO' })

/** Ends this life at the first effect of this name, which does not happen. */
export function endAt(world: World, effect: RegExp): void {
  world.onEffect = (name) => {
    if (effect.test(name)) world.crashAt = world.effects
  }
}

/** Ends this life with the effect of this name, which happens. */
export function endAfter(world: World, effect: RegExp): void {
  world.onEffect = (name) => {
    if (effect.test(name)) world.crashAfter = world.effects
  }
}

/** The first call of this kind, on what is named so, that comes after the first effect of this name fails. */
export function failAfter(world: World, effect: RegExp, ...call: ['datasync' | 'syncDirectory', RegExp]): void {
  world.onEffect = (name) => {
    if (!effect.test(name)) return
    world.onEffect = () => undefined
    const [what, path] = call
    world.failNext(what, EIO, path)
  }
}
