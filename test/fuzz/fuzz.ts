/**
 * Decoders under inputs that nobody means well with. Each input ends in what was decoded or in an error that the decoder promises, within a time and a
 * memory; what was decoded goes back to what it was decoded from; and what every object inherits stays as it was.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { CairnError } from '../../src/verify/error.ts'
import { Random } from '../support/seed.ts'
import { Generator } from './generate.ts'
import { type Measured, measured, wayOf } from './measure.ts'
import { prototypesChanged } from './prototypes.ts'
import { inputOf, type Target } from './target.ts'

const MILLISECONDS_MAX = 100
const BYTES_MAX: number = 64 << 20

export interface Fault {
  readonly decoder: string
  readonly what: string
  readonly input: Uint8Array
}

/** What a decoder made of its inputs. */
export interface Tally {
  inputs: number
  decoded: number
  /** How often each code was given. */
  readonly codes: Record<string, number>
  /** Different ways in which inputs ended. */
  ways: number
  slowest: Extreme
  largest: Extreme
}

interface Extreme {
  readonly value: number
  /** Of the input. */
  readonly bytes: number
}

export interface FuzzOptions {
  readonly inputs: number
  readonly seed: number
}

/** The first fault of a decoder ends its run: what comes after it may come of it. */
export interface Fuzzed {
  readonly tally: Tally
  readonly fault?: Fault
}

/** Good examples first, then as many inputs as are asked for. The same seed gives the same ones, whatever other decoders do. */
export async function fuzz(target: Target, { inputs, seed }: FuzzOptions): Promise<Fuzzed> {
  const tally = emptyTally()
  for (const example of target.examples) {
    const fault = await tryInput(target, inputOf(target, example), tally)
    if (fault !== undefined) return { tally, fault }
  }
  const generator = new Generator(target, new Random((seed ^ crc32(target.name)) >>> 0))
  const ways = new Set<string>()
  while (tally.inputs < inputs) {
    const input = generator.next()
    const fault = await tryInput(target, input, tally, (way) => {
      if (ways.has(way)) return
      ways.add(way)
      generator.keep()
    })
    if (fault !== undefined) return { tally, fault }
  }
  tally.ways = ways.size
  return { tally }
}

/** All that is kept for a decoder. What is named as refused has to be. */
export async function tryCorpus(target: Target): Promise<{ readonly tally: Tally; readonly faults: readonly Fault[] }> {
  const tally = emptyTally()
  const faults: Fault[] = []
  for (const { name, input } of corpusOf(target.name)) {
    const { decoded } = tally
    const fault = await tryInput(target, input, tally)
    const isTaken = tally.decoded > decoded && name.startsWith(REFUSED)
    if (fault !== undefined) faults.push(fault)
    else if (isTaken) faults.push({ decoder: target.name, what: `it takes ${name}, and has to refuse it`, input })
  }
  return { tally, faults }
}

const REFUSED = 'refused-'

/** One input, counted; the fault where it breaks a promise. */
async function tryInput(
  target: Target,
  input: Uint8Array,
  tally: Tally,
  onWay: (way: string) => void = () => undefined,
): Promise<Fault | undefined> {
  // A copy, so that a decoder that changes what it reads changes nothing here.
  const given = Uint8Array.from(input)
  const outcome = await measured(() => target.decode(given))
  count(tally, outcome, input.length)
  onWay(wayOf(outcome))
  const what = (await brokenBy(target, outcome, input)) ?? prototypesChanged()
  return what === undefined ? undefined : { decoder: target.name, what, input }
}

async function brokenBy(target: Target, outcome: Measured, input: Uint8Array): Promise<string | undefined> {
  const { error, decoded, milliseconds, bytes } = outcome
  if (error !== undefined && !(error instanceof CairnError)) return `it throws ${told(error)}`
  if (error instanceof CairnError && !isPromised(target, error.code))
    return `it throws the code ${error.code}, which it does not promise: ${error.message.slice(0, 200)}`
  if (milliseconds > MILLISECONDS_MAX) return `it takes ${milliseconds.toFixed(0)} ms`
  if (bytes > BYTES_MAX) return `it takes ${(bytes / (1 << 20)).toFixed(0)} MiB`
  if (error !== undefined) return undefined
  try {
    await target.check?.(decoded, input)
    return undefined
  } catch (wrong) {
    return `what it decoded is not what it was given: ${told(wrong)}`
  }
}

function isPromised({ codes }: Target, code: string): boolean {
  return codes instanceof RegExp ? codes.test(code) : codes.includes(code)
}

function told(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message).slice(0, 2500) : String(error)
}

function count(tally: Tally, { error, milliseconds, bytes }: Measured, size: number): void {
  tally.inputs++
  if (error === undefined) tally.decoded++
  else if (error instanceof CairnError) tally.codes[error.code] = (tally.codes[error.code] ?? 0) + 1
  if (milliseconds > tally.slowest.value) tally.slowest = { value: milliseconds, bytes: size }
  if (bytes > tally.largest.value) tally.largest = { value: bytes, bytes: size }
}

function emptyTally(): Tally {
  return {
    inputs: 0,
    decoded: 0,
    codes: {},
    ways: 0,
    slowest: { value: 0, bytes: 0 },
    largest: { value: 0, bytes: 0 },
  }
}

/** From the root of the package, where every test and script runs. */
const CORPUS = 'test/fuzz/corpus'
const FAULTS = '.cache/fuzz'

/** What once failed, or is named in what this has to withstand: a file each, in a folder for each decoder. */
function corpusOf(decoder: string): readonly { readonly name: string; readonly input: Uint8Array }[] {
  const folder = `${CORPUS}/${decoder}`
  return namesIn(folder).map((name) => ({ name, input: readFileSync(`${folder}/${name}`) }))
}

export function corpusDecoders(): readonly string[] {
  return namesIn(CORPUS)
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort()
  } catch {
    return []
  }
}

/** Writes the input to a file, and says what to do with it. */
export function tellFault({ decoder, what, input }: Fault, seed: number): string {
  mkdirSync(`${FAULTS}/${decoder}`, { recursive: true })
  const name = crc32(input).toString(16).padStart(8, '0')
  const file = `${FAULTS}/${decoder}/${name}.input`
  writeFileSync(file, input)
  const again = `npm run fuzz -- --decoder ${decoder} --seed ${seed}`
  return `${decoder}: ${what}\nThe input (${input.length} bytes) is in ${file}; again: ${again}. Once it is mended, keep it in ${CORPUS}/${decoder}.`
}
