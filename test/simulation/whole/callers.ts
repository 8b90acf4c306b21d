/**
 * The callers of a simulated chain. They outlive its crashes: what they were told once must be so for good, what they were told was not written must
 * not be there, and what they saw must never be gone.
 */
import type { Chain, Receipt } from '../../../src/index.ts'
import { equal, fromUtf8, toHex, utf8 } from '../../../src/verify/bytes.ts'
import { CairnError } from '../../../src/verify/index.ts'
import type { BlockRecord } from '../../../src/verify/records.ts'
import type { Random } from '../../support/seed.ts'
import { Broken, demand } from './broken.ts'
import type { Reached } from './reached.ts'

export interface Asked {
  readonly client: string
  readonly request: bigint
  readonly type: string
  readonly payload: Uint8Array
}

interface Told {
  readonly asked: Asked
  readonly text: string
}

/** How a command goes to the chain: by itself, or through a server and its client. */
export type Sending = (
  asked: Asked,
) => Promise<{ readonly seq: bigint; readonly status: number; readonly text: string }>

const CLIENTS = ['a', 'b', 'ü', 'desk-7']
/** `k0` and on: what all of them write to. */
export const KEYS = 8
/** Of a number: it was never executed and never will be. */
const NEVER: ReadonlySet<string> = new Set(['request_skipped'])
/** It may have been executed or not: only a restart tells. */
const UNKNOWN: ReadonlySet<string> = new Set(['outcome_unknown', 'server_unreachable', 'not_sent'])

export class Callers {
  /** Under a name all that was ever asked: more than one where callers contradict themselves. */
  readonly asked = new Map<string, Asked[]>()
  readonly told = new Map<string, Told>()
  /** The last that was told of these is that nothing of them was written. */
  readonly refused = new Set<string>()
  /** Of these it was said that a higher number of their client was executed, when the head was of this height. */
  private readonly skipped = new Map<string, bigint>()
  /** The height of the head, as it is seen now. */
  newest: () => bigint = () => -1n
  /** How often each was sent without anybody knowing what became of it. */
  private readonly doubts = new Map<string, number>()
  /** Names whose effects somebody saw, and the height of the head then. */
  private readonly seen = new Map<string, bigint>()
  private readonly blocks = new Map<bigint, string>()
  private readonly highest = new Map<string, bigint>()
  private readonly choices: Random
  private readonly reached: Reached
  private readonly note: (line: string) => void
  private anonymous = 0

  constructor(choices: Random, reached: Reached, note: (line: string) => void) {
    this.choices = choices
    this.reached = reached
    this.note = note
  }

  /** Some commands, mostly new ones: in their order or not, some twice, some that contradict others, some that come too late. */
  make(count: number): readonly Asked[] {
    const { choices, reached } = this
    const made = Array.from({ length: count }, () => this.one())
    const twist = choices.below(12)
    const [first] = made
    if (twist === 1 && made.length > 1) {
      reached.count('reordered')
      return made.toReversed()
    }
    if (twist === 2 && first !== undefined && first.client !== '') {
      reached.count('joined')
      return [first, ...made]
    }
    if (twist === 3) {
      const earlier = this.anyName()
      if (earlier === undefined) return made
      const variants = this.asked.get(earlier) as Asked[]
      const { client, request } = variants[0] as Asked
      if (client === '') return made
      reached.count('conflicts')
      const other = { client, request, type: 'put', payload: utf8(`{"key":"k0","value":"${earlier}|other"}`) }
      return [...made, this.know(other)]
    }
    if (twist === 4) {
      const client = choices.pick(CLIENTS)
      const late = (this.highest.get(client) ?? 0n) - 1n - BigInt(choices.below(3))
      if (late <= 0n) return made
      reached.count('late')
      return [...made, this.know(this.command(client, late))]
    }
    if (twist === 5) {
      // One number is jumped over, and comes right behind the one that did.
      const client = choices.pick(CLIENTS)
      const behind = (this.highest.get(client) ?? 0n) + 1n
      this.highest.set(client, behind + 1n)
      reached.count('overtaken')
      return [...made, this.know(this.command(client, behind + 1n)), this.know(this.command(client, behind))]
    }
    return made
  }

  /** Some that were asked before, whatever became of them. */
  again(count: number): readonly Asked[] {
    const names = [...this.asked.keys()].filter((name) => !name.startsWith(' '))
    if (names.length === 0) return []
    this.reached.count('duplicates', count)
    // Half of them of the last ones: what was refused a moment ago is mostly tried again at once.
    const newest = names.slice(-SENT_AGAIN_OF)
    return Array.from({ length: count }, () => {
      const name = this.choices.pick(this.choices.below(2) === 0 ? names : newest)
      return this.choices.pick(this.asked.get(name) as Asked[])
    })
  }

  /** All that has no answer yet and a number, in the order in which it was asked for, and some of what has one. */
  get unanswered(): readonly Asked[] {
    const { choices, told } = this
    const names = Array.from(this.asked.keys()).filter((name) => !told.has(name) || choices.below(12) === 11)
    return names.flatMap((name) => (this.asked.get(name) ?? []).filter(({ client }) => client !== ''))
  }

  private anyName(): string | undefined {
    const names = [...this.asked.keys()]
    return names[names.length - 1 - this.choices.below(Math.max(1, Math.min(20, names.length)))]
  }

  /** A new one, of any client. */
  one(): Asked {
    const { choices } = this
    if (choices.below(12) === 11) {
      this.anonymous++
      return this.know({ client: '', request: 0n, type: 'put', payload: this.put(` ${this.anonymous}`) })
    }
    const client = choices.pick(CLIENTS)
    const request = (this.highest.get(client) ?? 0n) + 1n + (choices.below(6) === 5 ? 2n : 0n)
    this.highest.set(client, request)
    return this.know(this.command(client, request))
  }

  private command(client: string, request: bigint): Asked {
    const { choices } = this
    const name = nameOf(client, request)
    const key = `k${choices.below(KEYS)}`
    const kind = choices.below(6)
    if (kind < 3) return { client, request, type: 'put', payload: this.put(name, key) }
    if (kind === 3)
      return { client, request, type: 'append', payload: utf8(JSON.stringify({ stream: key, entry: name })) }
    if (kind === 4) return { client, request, type: 'delete', payload: utf8(JSON.stringify({ key })) }
    // Mostly it is rejected: whether it is depends on all that was executed before.
    return { client, request, type: 'cas', payload: utf8(JSON.stringify({ key, expected: null, value: `${name}|` })) }
  }

  private put(name: string, key = `k${this.choices.below(KEYS)}`): Uint8Array {
    const filler = 'x'.repeat(this.choices.below(8) === 7 ? this.choices.below(9000) : this.choices.below(60))
    return utf8(JSON.stringify({ key, value: `${name}|${filler}` }))
  }

  private know(asked: Asked): Asked {
    const name = nameIn(asked)
    const known = this.asked.get(name) ?? []
    if (!known.some((each) => isSame(each, asked))) this.asked.set(name, [...known, asked])
    return asked
  }

  /** Sends a command, and judges what is said. What is said of a chain that ends is no fault of the command: it is thrown. */
  async send(sending: Sending, asked: Asked): Promise<void> {
    const name = nameIn(asked)
    this.refused.delete(name)
    this.doubts.set(name, (this.doubts.get(name) ?? 0) + 1)
    try {
      this.hear(asked, await sending(asked))
    } catch (error) {
      if (!(error instanceof CairnError)) throw error
      this.note(`${name} ${error.code}`)
      this.refuse(asked, error)
    }
  }

  private hear(asked: Asked, receipt: Awaited<ReturnType<Sending>>): void {
    const name = nameIn(asked)
    const { status, text } = receipt
    this.isSettled(name)
    this.note(`${name} = ${text}`)
    const before = this.told.get(name)
    demand(before === undefined || before.text === text, 'other-outcome', () => {
      return `${name} was answered ${before?.text}, and now ${text}`
    })
    demand(
      before === undefined || isSame(before.asked, asked),
      'other-outcome',
      `${name} was executed as another command`,
    )
    if (before !== undefined) return
    this.reached.count('acknowledged')
    if (status !== 0) this.reached.count('rejectedByMachine')
    this.told.set(name, { asked, text })
  }

  private refuse(asked: Asked, error: CairnError): void {
    const name = nameIn(asked)
    const told = this.told.get(name)
    const { code } = error
    if (code === 'request_conflict') {
      const others = (this.asked.get(name) ?? []).filter((each) => !isSame(each, asked))
      const isRight = others.length > 0 && (told === undefined || !isSame(told.asked, asked))
      demand(isRight, 'other-outcome', `${name} is refused as in conflict with itself`)
      this.isSettled(name)
      return
    }
    if (NEVER.has(code)) {
      demand(told === undefined, 'lost', `${name} was acknowledged, and is said never to have been executed`)
      this.isSettled(name)
      this.refused.add(name)
      // What was true when it was said first: at the end all that has no receipt is asked once more.
      if (!this.skipped.has(name)) this.skipped.set(name, this.newest())
      return
    }
    const isAlone = told === undefined && (this.asked.get(name) ?? []).length === 1
    if (!UNKNOWN.has(code) && this.isSettled(name) && isAlone) this.refused.add(name)
    throw error
  }

  /** One sending of it has its answer: whether all others have, too. */
  private isSettled(name: string): boolean {
    const left = (this.doubts.get(name) ?? 0) - 1
    this.doubts.set(name, left)
    return left === 0
  }

  /** What a reader sees at this moment, of any key. */
  look(chain: Chain): void {
    const { head } = chain
    if (head === undefined) return
    this.reached.count('readsInFlight')
    this.seeBlock(head.height, toHex(head.hash))
    const value = chain.get('state', utf8(`k${this.choices.below(KEYS)}`))
    const text = value && fromUtf8(value)
    const [name] = text?.split('|') ?? []
    if (name === undefined) return
    const before = this.seen.get(name)
    if (before === undefined || head.height < before) this.seen.set(name, head.height)
  }

  seeBlock(height: bigint, hash: string): void {
    const before = this.blocks.get(height)
    demand(
      before === undefined || before === hash,
      'seen-and-gone',
      `block ${height} was seen as ${before}, and now as ${hash}`,
    )
    this.blocks.set(height, hash)
  }

  /** A head that may be: it is the block that was seen at its height, and none was seen above it. */
  checkSeen(height: bigint, hash: string | undefined): void {
    for (const [at, seen] of this.blocks) {
      const isThere = at < height || (at === height && seen === hash)
      demand(isThere, 'seen-and-gone', () => `block ${at} was seen as ${seen}, and the head is ${hash} at ${height}`)
    }
  }

  /** Some of what was told last is told again, word for word. */
  async askAgain(chain: Chain, choices: Random): Promise<void> {
    const newest = Array.from(this.told).slice(-ASKED_AGAIN_OF)
    const some = newest.filter(([, { asked }]) => asked.client !== '' && choices.below(8) === 7)
    const answers = await Promise.all(some.map(([, { asked }]) => directly(chain)(asked).catch(unlessPruned)))
    for (const [i, [name, { text }]] of some.entries()) {
      const answer = answers[i]?.text ?? text
      demand(answer === text, 'other-outcome', `${name} was answered ${text}, and in another outcome ${answer}`)
    }
  }

  /** Of those that were told that nothing was written, none is there. */
  async checkRefused(chain: Chain): Promise<void> {
    for (const name of Array.from(this.refused).slice(-REFUSED_CHECKED)) {
      const { client, request } = (this.asked.get(name) as Asked[])[0] as Asked
      if (client === '') continue
      const found = await chain.find(client, request).catch(unlessPruned)
      demand(found === undefined, 'refused-and-executed', `${name} was refused, and was executed`)
    }
  }

  /** The lowest block above this one in which something was acknowledged. */
  toldAbove(height: bigint): bigint | undefined {
    let lowest: bigint | undefined
    for (const { text } of this.told.values()) {
      const at = BigInt(text.slice(0, text.indexOf(' ')))
      if (at > height && (lowest === undefined || at < lowest)) lowest = at
    }
    return lowest
  }

  /** What was told of these blocks, and nothing more: there may be more blocks. */
  checkTold(records: readonly { readonly record: BlockRecord; readonly hash: string }[]): void {
    const said = new Map<string, string>()
    for (const { record, hash } of records) {
      const { height } = record.header
      for (const { client, request, type, payload = new Uint8Array(0), status, reply, seq } of record.commands) {
        said.set(
          nameIn({ client, request, type, payload }),
          textOf({ height, hash, seq, client, request, status, reply }),
        )
      }
    }
    const newest = records.at(-1)?.record.header.height ?? -1n
    for (const [name, { text }] of this.told) {
      if (BigInt(text.slice(0, text.indexOf(' '))) > newest) continue
      demand(said.get(name) === text, 'lost', () => `${name} was told ${text}, and a copy says ${said.get(name)}`)
    }
  }

  /** The chain from its beginning, against all that was told and seen. */
  check(records: readonly { readonly record: BlockRecord; readonly hash: string }[]): void {
    const executed = new Map<string, bigint>()
    for (const { record, hash } of records) {
      const { height } = record.header
      const seen = this.blocks.get(height)
      demand(
        seen === undefined || seen === hash,
        'seen-and-gone',
        `block ${height} was seen as ${seen}, and is ${hash}`,
      )
      for (const command of record.commands) {
        const { client, request, type, payload = new Uint8Array(0), status, reply, seq } = command
        const asked = { client, request, type, payload }
        const name = nameIn(asked)
        demand(!executed.has(name), 'twice', `${name} was executed at ${executed.get(name)} and at ${height}`)
        executed.set(name, height)
        const told = this.told.get(name)
        if (told === undefined) continue
        const text = textOf({ height, hash, seq, client, request, status, reply })
        demand(told.text === text, 'other-outcome', `${name} was told ${told.text}, and the chain says ${text}`)
        demand(isSame(told.asked, asked), 'other-outcome', `${name} stands in the chain with another payload`)
      }
    }
    for (const [name, at] of this.skipped) {
      demand(!executed.has(name), 'refused-and-executed', `${name} is said never to have been executed, and was`)
      const { client, request } = (this.asked.get(name) as Asked[])[0] as Asked
      const isOver = records.some(({ record }) => {
        return (
          record.header.height <= at && record.commands.some((each) => each.client === client && each.request > request)
        )
      })
      demand(isOver, 'other-outcome', `${name} is said to be skipped, and no higher number of its client was executed`)
    }
    const newest = records.at(-1)?.record.header.height ?? -1n
    for (const height of this.blocks.keys())
      demand(height <= newest, 'seen-and-gone', `block ${height} was seen and is gone`)
    for (const name of this.told.keys()) demand(executed.has(name), 'lost', `${name} was acknowledged and is gone`)
    for (const [name, at] of this.seen) {
      const height = executed.get(name)
      demand(height !== undefined, 'seen-and-gone', `what ${name} wrote was read, and it was never executed`)
      demand(height <= at, 'seen-and-gone', `what ${name} wrote in block ${height} was read when the head was ${at}`)
    }
    for (const name of this.refused) {
      demand(!executed.has(name), 'refused-and-executed', `${name} was refused, and was executed`)
    }
  }
}

const REFUSED_CHECKED = 12
const ASKED_AGAIN_OF = 24
const SENT_AGAIN_OF = 12

function unlessPruned(error: unknown): undefined {
  if (!(error instanceof CairnError) || error.code !== 'pruned') throw error
}

export function directly(chain: Chain): Sending {
  return async (asked) => {
    const { client, request, type, payload } = asked
    const receipt = await chain.submit(client === '' ? { type, payload } : { client, request, type, payload })
    return { seq: receipt.seq, status: receipt.status, text: textOfReceipt(receipt) }
  }
}

function textOfReceipt({ block, seq, client, request, status, reply }: Receipt): string {
  return textOf({ height: block.height, hash: toHex(block.hash), seq, client, request, status, reply })
}

interface Outcome {
  readonly height: bigint
  readonly hash: string
  readonly seq: bigint
  readonly client: string
  readonly request: bigint
  readonly status: number
  readonly reply: Uint8Array
}

/** Two that say the same are equal. */
export function textOf({ height, hash, seq, client, request, status, reply }: Outcome): string {
  return `${height} ${hash} ${seq} ${client} ${request} ${status} ${toHex(reply)}`
}

/** Anonymous commands are told apart by what they write. */
function nameIn({ client, request, payload }: Asked): string {
  if (client !== '') return nameOf(client, request)
  const { value } = JSON.parse(fromUtf8(payload) as string) as { readonly value: string }
  const [name] = value.split('|')
  if (name === undefined) throw new Broken('unexpected', 'an anonymous command that nobody made')
  return name
}

function nameOf(client: string, request: bigint): string {
  return `${client}-${request}`
}

function isSame(a: Asked, b: Asked): boolean {
  return a.type === b.type && equal(a.payload, b.payload)
}
