/** What a server holds of one address: a share of all, but for one answer that is larger than it by itself. */
import { EventEmitter } from 'node:events'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { expect, it } from 'vitest'
import { HELD_BYTES_MAX, HELD_BYTES_OF_ADDRESS_MAX } from '../../src/limits.ts'
import { BOUNDS } from '../../src/server/bounds.ts'
import { Load } from '../../src/server/load.ts'

const entering =
  (load: Load) =>
  (ip: string): FastifyRequest => {
    const request = { ip, socket: new EventEmitter() } as unknown as FastifyRequest
    load.enter(request, { raw: new EventEmitter() } as unknown as FastifyReply)
    return request
  }

it('an answer for which there will never be room is no matter of trying again', () => {
  const load = new Load(BOUNDS)
  const refused = () => load.demandRoom(entering(load)('a'), HELD_BYTES_MAX + 1)
  expect(refused).toThrow(
    expect.objectContaining({ code: 'over_limit', message: expect.stringContaining('/v1/export') }),
  )
})

it('an answer that is larger than a share is given to an address that holds nothing else, and to no other', () => {
  const load = new Load(BOUNDS)
  const entered = entering(load)
  const large = HELD_BYTES_OF_ADDRESS_MAX + 1
  const [first, second, another] = [entered('a'), entered('a'), entered('b')] as const
  load.demandRoom(first, large)
  load.hold(first, large)
  expect(() => load.demandRoom(second, 1)).toThrow('The requests of this address hold as much')
  load.demandRoom(another, HELD_BYTES_MAX - large)
  expect(() => load.demandRoom(another, large)).toThrow('The server holds as much')
  load.leave(first)
  load.hold(second, 1)
  expect(() => load.demandRoom(second, large)).toThrow('The requests of this address hold as much')
  load.leave(second)
  load.demandRoom(entered('a'), large)
})
