/**
 * Lives of a chain on a simulated machine: what callers do to it, what they were told, and what has to hold after every crash. The callers
 * outlive the crashes; what they were told once must be so for good.
 */
import { Chain, type ChainOptions, kv, type Receipt } from '../../src/index.ts'
import { fromUtf8, toHex, utf8 } from '../../src/verify/bytes.ts'
import { CairnError, ChainVerifier, type Engine, MemoryStateTree, verifyProof } from '../../src/verify/index.ts'
import type { ChainKeys } from '../support/chain-keys.ts'
import type { Random } from '../support/seed.ts'
import { SimSigner, sealedHashes } from './sim-signer.ts'
import type { World } from './world.ts'

export interface Asked {
  readonly client: string
  readonly request: bigint
  readonly type: string
  readonly payload: Uint8Array
}

/** What a receipt said, to be compared with what it says later. */
interface Told {
  readonly asked: Asked
  readonly seq: bigint
  readonly height: bigint
  readonly text: string
}

type Step =
  | { readonly do: 'burst'; readonly asked: readonly Asked[] }
  | { readonly do: 'again'; readonly which: number }
  | { readonly do: 'flush' }
  | { readonly do: 'wait'; readonly milliseconds: number }
  | { readonly do: 'reopen' }

export interface PlanSize {
  readonly steps: number
  /** Bytes that a payload may have. */
  readonly payload: number
}

/** What the callers do, from a seed: bursts of commands, repeated ones, pauses, flushes, restarts. */
export function makePlan(random: Random, { steps, payload }: PlanSize): readonly Step[] {
  const plan: Step[] = []
  const next = new Map<string, bigint>()
  let count = 0
  for (let i = 0; i < steps; i++) {
    const chosen = random.below(10)
    if (chosen < 6) {
      const asked = Array.from({ length: 1 + random.below(5) }, (): Asked => {
        const client = random.pick(['a', 'b', 'ü'])
        const request = (next.get(client) ?? 0n) + 1n + BigInt(random.below(2))
        next.set(client, request)
        const entry = `${client}-${request}-${'x'.repeat(random.below(payload))}`
        const isPut = random.below(3) === 0
        const text = isPut ? { key: `k${random.below(8)}`, value: entry } : { stream: client, entry }
        count++
        return { client, request, type: isPut ? 'put' : 'append', payload: utf8(JSON.stringify(text)) }
      })
      plan.push({ do: 'burst', asked })
    } else if (chosen < 7) plan.push({ do: 'again', which: random.below(Math.max(1, count)) })
    else if (chosen < 8) plan.push({ do: 'wait', milliseconds: random.pick([10, 1200, 3000]) })
    else if (chosen < 9) plan.push({ do: 'flush' })
    else plan.push({ do: 'reopen' })
  }
  return plan
}

const DIRECTORY = 'data'

/** Ports in the place of the world's own. */
export type PortsOf = (world: World) => NonNullable<ChainOptions['ports']>

export class ChainCallers {
  /** All that was ever asked, in its order. */
  readonly asked: Asked[] = []
  readonly told = new Map<string, Told>()
  /** Requests that were sent a second time while the first was on its way. */
  joined = 0
  sealedAgain = 0
  rebuilt = 0
  cut = 0
  private fresh = 0n
  behind = 0
  private readonly keys: ChainKeys
  private readonly engine: Engine
  private readonly portsOf: PortsOf

  constructor(keys: ChainKeys, engine: Engine, portsOf: PortsOf = () => ({})) {
    this.keys = keys
    this.engine = engine
    this.portsOf = portsOf
  }

  options(world: World): ChainOptions {
    const { hotKey, delegation } = this.keys
    return {
      machine: kv,
      signer: new SimSigner(world, [{ privateKey: hotKey, delegation }], 'of the process', this.engine),
      guard: 'data.keys/guard',
      engine: this.engine,
      cacheBytes: 1 << 20,
      checkpointEvery: 2,
      journalFileBytes: 1 << 16,
      ports: { disk: world.disk, clock: world.clock, rng: world.rng, home: world.store(), ...this.portsOf(world) },
      report: (report) => {
        if (report.kind === 'sealed-again') this.sealedAgain++
        if (report.kind === 'rebuilding') this.rebuilt++
        if (report.kind === 'cut') this.cut++
        if (report.kind === 'replaying') this.behind++
      },
    }
  }

  /** Opens the chain, or makes it where it was not made yet. */
  async open(world: World): Promise<Chain> {
    if ((await world.disk.list(DIRECTORY)).includes('genesis.json')) return Chain.open(DIRECTORY, this.options(world))
    if (this.told.size > 0) throw new Error('the chain is gone, and commands had been acknowledged')
    return Chain.create(DIRECTORY, this.keys.genesis, this.options(world))
  }

  /** One life: until the plan is through and the chain is closed, or the chain failed, as a disk makes it. */
  async live(world: World, plan: readonly Step[], beforeStep: (step: number) => void = () => undefined): Promise<void> {
    try {
      await this.follow(world, plan, beforeStep)
    } catch (error) {
      const isEnd =
        error instanceof CairnError && ['outcome_unknown', 'chain_failed', 'journal_failed'].includes(error.code)
      if (!isEnd) throw error
    }
  }

  private async follow(world: World, plan: readonly Step[], beforeStep: (step: number) => void): Promise<void> {
    let chain = await this.open(world)
    for (const [i, step] of plan.entries()) {
      beforeStep(i)
      if (step.do === 'burst') await this.burst(world, chain, step.asked)
      else if (step.do === 'again') await this.again(world, chain, step.which)
      else if (step.do === 'flush') await chain.flush()
      else if (step.do === 'wait') await world.clock.advance(step.milliseconds)
      else {
        await chain.close()
        chain = await this.open(world)
      }
    }
    await chain.close()
  }

  private async burst(world: World, chain: Chain, asked: readonly Asked[]): Promise<void> {
    const sent = asked.map((each) => {
      this.asked.push(each)
      return this.send(chain, each)
    })
    // The first one is sent again while it is on its way.
    if (asked[0] !== undefined && world.random.below(3) === 0) {
      this.joined++
      sent.push(this.send(chain, asked[0]))
    }
    const answers = await Promise.allSettled(sent)
    for (const answer of answers) if (answer.status === 'rejected') throw answer.reason
  }

  private async again(world: World, chain: Chain, which: number): Promise<void> {
    const asked = this.asked[which % Math.max(1, this.asked.length)]
    if (asked === undefined) return
    await world.clock.until(this.send(chain, asked))
  }

  /** Sends a command and notes what is told; twice told must be told the same. */
  async send(chain: Chain, asked: Asked): Promise<void> {
    const receipt = await chain.submit(asked)
    const name = `${asked.client} ${asked.request}`
    const text = textOf(receipt)
    const before = this.told.get(name)
    if (before !== undefined && before.text !== text) {
      throw new Error(`request ${name} was answered ${before.text}, and now ${text}`)
    }
    this.told.set(name, { asked, seq: receipt.seq, height: receipt.block.height, text })
  }

  /** After a crash: all that was told is so, nothing was done twice, and it goes on. Sends again whatever was never answered. */
  async recover(world: World): Promise<void> {
    const chain = await this.open(world)
    if (chain.readOnly !== undefined) throw chain.readOnly
    for (const { asked } of Array.from(this.told.values())) await this.send(chain, asked)
    for (const asked of this.asked) {
      if (this.told.has(`${asked.client} ${asked.request}`)) continue
      try {
        await this.send(chain, asked)
      } catch (error) {
        // Of a burst that was lost a later number may have been executed: then it says so, and it was never executed.
        if (!(error instanceof CairnError) || error.code !== 'request_skipped') throw error
      }
    }
    this.fresh++
    const fresh = { client: 'fresh', request: this.fresh, type: 'put', payload: PROGRESS }
    const progress = await chain.submit(fresh)
    const proof = verifyProof(await progress.proof(), { chainId: chain.id }, this.engine)
    if (!proof.ok) throw new Error('what was proved after a crash does not verify')
    await chain.flush()
    await this.check(world, chain)
    await chain.close()
  }

  private async check(world: World, chain: Chain): Promise<void> {
    for (const [block, hashes] of sealedHashes(world)) {
      if (hashes.size > 1) throw new Error(`${hashes.size} hashes were sealed at ${block}`)
    }
    const { hasher } = this.engine
    const trees = { state: new MemoryStateTree(hasher), risk: new MemoryStateTree(hasher) }
    const verifier = new ChainVerifier(
      { chainId: chain.id, genesis: chain.genesis, trees, revocations: [] },
      this.engine,
    )
    const executed = new Map<string, number>()
    const entries = new Map<string, string[]>()
    for await (const { record, seal } of chain.blocks()) {
      await verifier.take(record)
      if (seal !== undefined) await verifier.take({ k: 'seal', v: 1, height: record.header.height, seal })
      for (const { client, request, type, payload, status } of record.commands) {
        const name = `${client} ${request}`
        executed.set(name, (executed.get(name) ?? 0) + 1)
        if (type !== 'append' || status !== 0) continue
        const { stream, entry } = JSON.parse(fromUtf8(payload as Uint8Array) as string) as Record<string, string>
        entries.set(stream as string, [...(entries.get(stream as string) ?? []), entry as string])
      }
    }
    const verified = verifier.finish()
    if (!verified.ok) throw new Error(`the chain does not verify: ${JSON.stringify(verified.fault, bigintText)}`)
    for (const [name, count] of executed) if (count > 1) throw new Error(`${name} was executed ${count} times`)
    for (const name of this.told.keys())
      if (!executed.has(name)) throw new Error(`${name} was acknowledged and is gone`)
    for (const [stream, all] of entries) {
      const stored = all.map((_, i) => fromUtf8(entryOf(chain, stream, i) ?? new Uint8Array(0)))
      if (stored.join() !== all.join()) throw new Error(`the stream ${stream} holds other entries than were appended`)
    }
  }
}

const PROGRESS = utf8('{"key":"progress","value":"made"}')

function entryOf(chain: Chain, stream: string, index: number): Uint8Array | undefined {
  return chain.get('state', utf8(`stream/entry/${stream}/${index.toString(16).padStart(16, '0')}`))
}

function textOf({ block, seq, client, request, status, reply }: Receipt): string {
  return `${block.height} ${toHex(block.hash)} ${seq} ${client} ${request} ${status} ${toHex(reply)}`
}

function bigintText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}
