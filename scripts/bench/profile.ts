/** Where the time of this thread goes, by what it works on: a CPU profile, cut at the functions that begin a kind of work. */
import { Session } from 'node:inspector/promises'

interface Node {
  readonly id: number
  readonly callFrame: { readonly functionName: string }
  readonly children?: readonly number[]
}

/** The functions that begin a kind of work, by their names: whatever is called below them counts for it, up to one that is named itself. */
export type Kinds = Readonly<Record<string, string>>

/** The share of each kind of work, and of what is none of them, in the busy time while this ran. */
export async function shares(kinds: Kinds, work: () => Promise<void>): Promise<ReadonlyMap<string, number>> {
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.start')
  await work()
  const { profile } = await session.post('Profiler.stop')
  session.disconnect()
  const nodes = new Map((profile.nodes as readonly Node[]).map((node) => [node.id, node]))
  const own = new Map<number, number>()
  for (const [i, id] of (profile.samples ?? []).entries()) {
    own.set(id, (own.get(id) ?? 0) + (profile.timeDeltas?.[i] ?? 0))
  }
  const byKind = new Map<string, number>()
  const walk = (id: number, above: string): void => {
    const { callFrame, children = [] } = nodes.get(id) as Node
    // Bundled, methods of one name are told apart by a number.
    const name = callFrame.functionName.replace(/\d+$/, '')
    const kind = kinds[name] ?? above
    byKind.set(kind, (byKind.get(kind) ?? 0) + (own.get(id) ?? 0))
    for (const child of children) walk(child, kind)
  }
  walk((profile.nodes[0] as Node).id, 'other')
  byKind.delete('idle')
  const busy = [...byKind.values()].reduce((sum, time) => sum + time, 0)
  return new Map([...byKind].map(([kind, time]) => [kind, time / busy] as const))
}
