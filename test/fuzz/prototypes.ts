/** What every object, list, text and function inherits, watched: a hostile input must not become part of it. */

const WATCHED: readonly (readonly [name: string, of: object])[] = [
  ['Object.prototype', Object.prototype],
  ['Array.prototype', Array.prototype],
  ['Function.prototype', Function.prototype],
  ['String.prototype', String.prototype],
  ['Number.prototype', Number.prototype],
  ['Map.prototype', Map.prototype],
  ['Error.prototype', Error.prototype],
  ['Uint8Array.prototype', Uint8Array.prototype],
  ['Object', Object],
]

const before = WATCHED.map(([, of]) => descriptorsOf(of))

let calls = 0
/** The others are looked at once in so many calls: it takes longer than most inputs. */
const OTHERS_EVERY = 64

/** What of it is other than it was; nothing where all is as it was. */
export function prototypesChanged(): string | undefined {
  const looked = calls++ % OTHERS_EVERY === 0 ? WATCHED : WATCHED.slice(0, 1)
  const changed = looked.find(([, of], i) => !isAsBefore(of, before[i] ?? []))
  return changed === undefined ? undefined : `it, or an input shortly before it, changes ${changed[0]}`
}

type Described = readonly (readonly [name: string | symbol, descriptor: PropertyDescriptor | undefined])[]

function descriptorsOf(of: object): Described {
  return Reflect.ownKeys(of).map((name) => [name, Object.getOwnPropertyDescriptor(of, name)] as const)
}

function isAsBefore(of: object, known: Described): boolean {
  if (Reflect.ownKeys(of).length !== known.length) return false
  return known.every(([name, descriptor]) => {
    const now = Object.getOwnPropertyDescriptor(of, name)
    return now?.value === descriptor?.value && now?.get === descriptor?.get && now?.set === descriptor?.set
  })
}
