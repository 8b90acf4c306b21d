/** Every source of randomness does what the port says: the system's, and the one from a seed. */
import { expect, it } from 'vitest'
import { systemRng } from '../../src/ports/rng.ts'
import { simRng } from '../simulation/sim-rng.ts'
import { seed } from '../support/seed.ts'
import { rngConformance } from './rng-conformance.ts'

rngConformance('system', systemRng)
rngConformance(`simulated (CAIRN_SEED=${seed})`, () => simRng(seed))

it('randomness from a seed is the same from the same seed', () => {
  const [one, same, other] = [simRng(5), simRng(5), simRng(6)]
  const bytes = one.bytes(20)
  expect(same.bytes(20)).toEqual(bytes)
  expect(other.bytes(20)).not.toEqual(bytes)
})
