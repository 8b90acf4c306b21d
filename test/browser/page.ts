/** The script of the page: it does here, or in a worker, what the test and the benchmark ask for. */
import { nobleEngine, verifyProof } from 'cairn-log/verify'
import { type Answered, answerWith, type EngineName } from './engines.ts'

async function answerInWorker(name: EngineName): Promise<Answered> {
  const worker = new Worker('/worker.js', { type: 'module', name })
  try {
    return await new Promise((resolve, reject) => {
      worker.addEventListener('message', ({ data }) => resolve(data as Answered))
      worker.addEventListener('error', ({ message }) => reject(new Error(`the worker failed: ${message}`)))
    })
  } finally {
    worker.terminate()
  }
}

const WARM_UP = 50
const RUNS = 100

/** Milliseconds that each verification took, from the text to the verdicts, with nothing of it remembered from the one before. */
function timesOfProof(text: string, chainId: string): readonly number[] {
  const times = Array.from({ length: WARM_UP + RUNS }, (_, run) => {
    forgetRecoveries(run)
    const start = performance.now()
    const { ok } = verifyProof(text, { chainId })
    const time = performance.now() - start
    if (!ok) throw new Error('the proof does not hold')
    return time
  })
  return times.slice(WARM_UP)
}

/** The default engine remembers the signers of its newest recoveries; these, of no signer at all, are newer. */
function forgetRecoveries(run: number): void {
  // No point of the curve has 5 as its x.
  const signature = new Uint8Array(65).fill(5, 31, 32).fill(1, 63, 64).fill(27, 64)
  for (let i = 0; i < 100; i++) nobleEngine.secp256k1.recover(new Uint8Array(32).fill(i).fill(run, 31), signature)
}

async function answerOf(address: string): Promise<string> {
  try {
    return `status ${(await fetch(address)).status}`
  } catch {
    return 'none'
  }
}

/** What the test and the benchmark call. */
export const tasks = { answerInPage: answerWith, answerInWorker, answerOf, timesOfProof } as const
Object.assign(globalThis, { tasks })
