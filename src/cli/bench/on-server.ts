/** The same load on a server, through the client: every receipt is checked before it counts. */
import type { CairnClient } from '../../client/index.ts'
import { describeEngine, loadEngine } from '../../hash/index.ts'
import { runLoad } from './load.ts'
import type { MeterPace } from './meter.ts'
import { type BenchAsked, type Measured, ONE_MAX, sentence } from './own-chain.ts'
import { putOf } from './puts.ts'

export async function benchServer(
  client: CairnClient,
  { seconds, inFlight, keys, size, signal, say }: BenchAsked,
): Promise<Measured> {
  let commands = 0
  const load = (what: string, duration: number, workers: number): Promise<MeterPace> =>
    runLoad({
      seconds: duration,
      inFlight: workers,
      signal,
      submit: () => client.submit({ type: 'put', payload: putOf(Math.floor(Math.random() * keys), ++commands, size) }),
      onTick: (acknowledged, at) => say(sentence(what, acknowledged, at)),
    })
  const many = await load(`${inFlight} in flight`, seconds, inFlight)
  const one = await load('One in flight', Math.min(ONE_MAX, seconds), 1)
  return { engine: describeEngine(await loadEngine()), many, one }
}
