/**
 * Changes of a JSON text that leave it one nearly always: values in the place of others, members that stand twice, that nobody knows, that are gone;
 * lists that are too long; parts of another document. So the reader of shapes is reached, and not only the one of letters.
 */
import type { Random } from '../../support/seed.ts'
import { jsonValue, NAMES, number } from './hostile.ts'

/** A value as it is written: names and what is no list and no object stand as their text, so that anything can be written. */
type Node = { items: Node[] } | { members: [name: string, value: Node][] } | { raw: string }

/** The text changed; nothing where it is no JSON. */
export function mutateJson(text: string, random: Random, other: () => string, isLarge: boolean): string | undefined {
  const tree = parsed(text)
  if (tree === undefined) return undefined
  const root: Node = { items: [tree] }
  for (let i = 1 + random.below(random.pick([1, 1, 3])); i > 0; i--) change(root, random, other, isLarge)
  const [changed] = root.items
  // What was made longer within what was made longer stands there once, and would be written thousands of times.
  if (changed !== undefined && leftOf(WRITTEN_MAX, changed) < 0) return undefined
  return changed === undefined ? '' : written(changed, random.below(8) === 0 ? random : undefined)
}

function change(root: Node, random: Random, other: () => string, isLarge: boolean): void {
  const holders = holdersIn(root)
  const holder = random.pick(holders)
  if ('items' in holder) {
    const { items } = holder
    const at = random.below(items.length)
    const item = items[at]
    if (item === undefined) items.push(valueFor(root, random, other, isLarge))
    else if (random.below(3) > 0 || holder === root) items[at] = changedValue(item, root, random, other, isLarge)
    else changeList(items, at, random)
    return
  }
  const { members } = holder
  const at = random.below(members.length + 1)
  const member = members[at]
  if (member === undefined) members.push([nameFor(random), valueFor(root, random, other, isLarge)])
  else if (random.below(3) > 0) member[1] = changedValue(member[1], root, random, other, isLarge)
  else changeMembers(members, at, root, random, other, isLarge)
}

function changeList(items: Node[], at: number, random: Random): void {
  const item = items[at] as Node
  switch (random.below(4)) {
    case 0:
      items.splice(at, 1)
      break
    case 1:
      items.reverse()
      break
    default: {
      const more = random.pick([1, 2, 65, 257, 1025])
      items.splice(at, 0, ...Array.from({ length: 'raw' in item ? more : Math.min(more, 66) }, () => item))
    }
  }
}

function changeMembers(
  members: [string, Node][],
  at: number,
  root: Node,
  random: Random,
  other: () => string,
  isLarge: boolean,
): void {
  const [name, value] = members[at] as [string, Node]
  switch (random.below(5)) {
    case 0:
      members.splice(at, 1)
      break
    case 1:
      members.splice(random.below(members.length + 1), 0, [name, value])
      break
    case 2:
      // The same name in other letters: who compares texts takes it for another.
      members.push([escaped(name, random), valueFor(root, random, other, isLarge)])
      break
    case 3:
      members[at] = [nameFor(random), value]
      break
    default:
      members.splice(random.below(members.length + 1), 0, [nameFor(random), valueFor(root, random, other, isLarge)])
  }
}

function changedValue(value: Node, root: Node, random: Random, other: () => string, isLarge: boolean): Node {
  if ('raw' in value && value.raw.startsWith('"') && random.below(2) === 0)
    return { raw: changedText(value.raw, random) }
  return valueFor(root, random, other, isLarge)
}

/** A text a little longer, shorter or otherwise than it was. */
function changedText(raw: string, random: Random): string {
  const text = raw.slice(1, -1)
  const at = random.below(text.length + 1)
  switch (random.below(7)) {
    case 0:
      return `"${text.slice(0, at)}${text.slice(at + 1)}"`
    case 1:
      return `"${text.slice(0, at)}${random.pick(['0', 'ff', 'F', '\\u0041', '\\n', 'é', '😀', '\\ud83d', '\\'])}${text.slice(at)}"`
    case 2:
      return `"${text.toUpperCase()}"`
    case 3:
      return `"${text.repeat(random.pick([2, 3, 20]))}"`
    case 4:
      return `"${text.slice(0, at)}"`
    case 5:
      return /^[0-9]+$/.test(text) ? `"${BigInt(text) + BigInt(random.below(3) - 1)}"` : `"${number(random)}"`
    default:
      return escaped(raw, random)
  }
}

function valueFor(root: Node, random: Random, other: () => string, isLarge: boolean): Node {
  const chosen = random.below(6)
  const tree = chosen === 0 ? root : chosen === 1 ? parsed(other()) : undefined
  if (tree === undefined || 'raw' in tree) return { raw: jsonValue(random, isLarge) }
  const holder = random.pick(holdersIn(tree))
  const values = 'items' in holder ? holder.items : holder.members.map(([, value]) => value)
  // A copy: it may be its own ancestor.
  return values.length === 0 ? { raw: '[]' } : structuredClone(random.pick(values))
}

function nameFor(random: Random): string {
  return JSON.stringify(random.pick(NAMES))
}

/** One letter of a text as `\u` writes it. */
function escaped(raw: string, random: Random): string {
  const text = raw.slice(1, -1)
  if (text.length === 0 || text.includes('\\')) return raw
  const at = random.below(text.length)
  const digits = text.charCodeAt(at).toString(16).padStart(4, '0')
  return `"${text.slice(0, at)}\\u${digits}${text.slice(at + 1)}"`
}

function holdersIn(root: Node): Exclude<Node, { raw: string }>[] {
  const found: Exclude<Node, { raw: string }>[] = []
  const visit = (node: Node): void => {
    if ('raw' in node) return
    found.push(node)
    for (const value of 'items' in node ? node.items : node.members.map(([, each]) => each)) visit(value)
  }
  visit(root)
  return found
}

function parsed(text: string): Node | undefined {
  try {
    return nodeOf(JSON.parse(text))
  } catch {
    return undefined
  }
}

/** What is deeper is changed as a text: it would overflow this reader. */
const DEPTH_MAX = 1000

function nodeOf(value: unknown, depth = 0): Node {
  if (depth > DEPTH_MAX) throw new RangeError('too deep')
  if (Array.isArray(value)) return { items: value.map((each) => nodeOf(each, depth + 1)) }
  if (typeof value !== 'object' || value === null) return { raw: JSON.stringify(value) }
  return { members: Object.entries(value).map(([name, each]) => [JSON.stringify(name), nodeOf(each, depth + 1)]) }
}

/** With space where it may stand, where a random is given. */
/** More than any input may have. */
const WRITTEN_MAX = 4 << 20

/** What is left of so many characters when this is written; below 0, and looked at no further, where it is more. */
function leftOf(room: number, node: Node): number {
  if ('raw' in node) return room - node.raw.length
  let left = room - 2
  for (const each of 'items' in node ? node.items : node.members.map(([, value]) => value)) {
    if (left < 0) break
    left = leftOf(left - 1, each)
  }
  return left
}

function written(node: Node, random?: Random): string {
  if ('raw' in node) return node.raw
  const space = (): string => (random === undefined ? '' : random.pick(['', '', ' ', '\n', '\t', '\r\n']))
  const parts =
    'items' in node
      ? node.items.map((each) => `${space()}${written(each, random)}${space()}`)
      : node.members.map(([name, value]) => `${space()}${name}${space()}:${space()}${written(value, random)}`)
  return 'items' in node ? `[${parts.join(',')}]` : `{${parts.join(',')}}`
}
