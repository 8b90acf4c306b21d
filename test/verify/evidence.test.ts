/** Evidence of equivocation: it speaks against the chain that it names, and against no other one. */
import { expect, it } from 'vitest'
import { encodeEvidence, verifyEvidence } from '../../src/verify/index.ts'
import { ChainMaker } from '../support/maker.ts'
import { Random } from '../support/seed.ts'

const maker = new ChainMaker(new Random(5)).grow(6)
const fork = maker.fork(2).grow(3)
const side = ({ header, seal }: ReturnType<ChainMaker['madeAt']>) => ({ block: header, seal })

it('holds for the chain that it is of, and fails for another one that is trusted, for that reason alone', () => {
  const evidence = encodeEvidence(maker.evidence(side(maker.madeAt(4)), side(fork.madeAt(4))))
  expect(verifyEvidence(evidence, maker)).toMatchObject({ ok: true })
  const { ok, verdicts } = verifyEvidence(evidence, new ChainMaker(new Random(6)))
  expect(ok).toBe(false)
  expect(verdicts.filter(({ verdict }) => verdict !== 'ok').map(({ check }) => check)).toEqual(['genesis'])
})

it('is not to be had from an honest chain, whatever blocks and ancestors are set against each other', () => {
  const sides = maker.blocks.flatMap((made) => {
    const { roots, header } = made
    const { block, seal } = side(made)
    const ancestors = maker.blocks.slice(0, Number(header.height)).map((ancestor) => {
      const path = maker.ranges.history.path(ancestor.header.height, header.height)
      return { block, seal, roots, ancestor: { height: ancestor.header.height, blockHash: ancestor.hash, path } }
    })
    return [side(made), ...ancestors]
  })
  for (const a of sides) {
    for (const b of sides) {
      const { verdicts } = verifyEvidence(encodeEvidence(maker.evidence(a, b)), maker)
      expect(verdicts.filter(({ verdict }) => verdict === 'fail').map(({ check }) => check)).toEqual(['contradiction'])
    }
  }
})
