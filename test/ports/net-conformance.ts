/** What whoever uses the net port relies on, as tests that any net has to pass. */
import { afterEach, describe, expect, it } from 'vitest'
import type { Connection, Listener, Net } from '../../src/ports/net.ts'
import { Random, seed } from '../support/seed.ts'

/** `host` is the name of this machine in it. */
export function netConformance(name: string, make: () => { readonly net: Net; readonly host: string }): void {
  const opened: (Connection | Listener)[] = []
  const begin = async () => {
    const { net, host } = make()
    const accepted: Connection[] = []
    let tellAccepted: () => void = () => undefined
    const listener = await net.listen({ host, port: 0 }, (connection) => {
      accepted.push(connection)
      opened.push(connection)
      tellAccepted()
    })
    opened.push(listener)
    /** Both ends of a new connection. */
    const connect = async (): Promise<readonly [Connection, Connection]> => {
      const arrived = new Promise<void>((resolve) => {
        tellAccepted = resolve
      })
      const here = await net.connect(listener.address)
      opened.push(here)
      await arrived
      return [here, accepted.at(-1) as Connection]
    }
    return { net, host, listener, connect }
  }

  afterEach(async () => {
    await Promise.all(opened.splice(0).map((each) => each.close()))
  })

  describe(`${name}: a connection (CAIRN_SEED=${seed})`, () => {
    it('carries whole messages, in their order, both ways', async () => {
      const { connect } = await begin()
      const random = new Random()
      const [here, there] = await connect()
      const messages = [0, 1, 3, 4, 5, 1000, 65_535, 65_536, 65_537, 300_000, 0, 0, 7].map((size) => random.bytes(size))
      const sendAll = async (connection: Connection): Promise<void> => {
        for (const message of messages) await connection.send(message)
      }
      const sent = [sendAll(here), sendAll(there)]
      for (const side of [here, there]) {
        const found = await firstOf(side, messages.length)
        expect(found.map(({ length }) => length)).toEqual(messages.map(({ length }) => length))
        expect(Buffer.compare(Buffer.concat(found), Buffer.concat(messages))).toBe(0)
      }
      await Promise.all(sent)
    })

    it('keeps the order of what is sent at once', async () => {
      const { connect } = await begin()
      const [here, there] = await connect()
      const sent = Promise.all(Array.from({ length: 100 }, (_, i) => here.send(Uint8Array.of(i))))
      expect((await firstOf(there, 100)).map(([first]) => first)).toEqual(Array.from({ length: 100 }, (_, i) => i))
      await sent
    })

    it('carries messages of many mebibytes', async () => {
      const { connect } = await begin()
      const [here, there] = await connect()
      const large = new Uint8Array(20 << 20)
      for (let at = 0; at < large.length; at += 1000) large[at] = at % 251
      const sent = here.send(large)
      const [found] = await firstOf(there, 1)
      expect(Buffer.compare(found as Uint8Array, large)).toBe(0)
      await sent
    })

    it('leaves the bytes to their owner when it took them, and gives plain ones', async () => {
      const { connect } = await begin()
      const [here, there] = await connect()
      const message = Uint8Array.of(1, 2, 3)
      await here.send(message)
      message.fill(0)
      const [found] = await firstOf(there, 1)
      expect(found).toEqual(Uint8Array.of(1, 2, 3))
      expect(Object.getPrototypeOf(found)).toBe(Uint8Array.prototype)
    })

    it('refuses a message over the bound, and goes on', async () => {
      const { connect } = await begin()
      const [here, there] = await connect()
      await expect(here.send(new Uint8Array((64 << 20) + 1))).rejects.toMatchObject({ code: 'over_limit' })
      await here.send(Uint8Array.of(1))
      expect(await firstOf(there, 1)).toEqual([Uint8Array.of(1)])
    })

    it('makes a sender wait while nobody reads, and loses nothing', async () => {
      const { connect } = await begin()
      const [here, there] = await connect()
      const state = { sent: 0 }
      const sending = (async (): Promise<void> => {
        for (; state.sent < 100; state.sent++) await here.send(new Uint8Array(1 << 20).fill(state.sent))
      })()
      await quiet(() => state.sent)
      expect(state.sent).toBeLessThan(60)
      let i = 0
      for await (const message of there.messages) {
        expect([message.length, message[0], message.at(-1)]).toEqual([1 << 20, i, i])
        if (++i === 100) break
      }
      await sending
    })

    it('ends for both when one closes it, after all that was sent', async () => {
      const { connect } = await begin()
      const [here, there] = await connect()
      for (let i = 0; i < 10; i++) await here.send(new Uint8Array(50_000).fill(i))
      const closed = here.close()
      const found: (number | undefined)[] = []
      for await (const message of there.messages) found.push(message[0])
      expect(found).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
      await there.close()
      await closed
      for await (const message of here.messages) expect(message).toBeUndefined()
      await expect(here.send(Uint8Array.of(1))).rejects.toMatchObject({ code: 'connection_broken' })
      await expect(there.send(Uint8Array.of(1))).rejects.toMatchObject({ code: 'connection_broken' })
      await expect(here.close()).resolves.toBeUndefined()
    })

    it('arrives in full though its other side has sent what nobody read', async () => {
      const { connect } = await begin()
      const [here, there] = await connect()
      await there.send(new Uint8Array(100_000))
      for (let i = 0; i < 5; i++) await here.send(new Uint8Array(100_000).fill(i))
      const closed = here.close()
      const found: (number | undefined)[] = []
      for await (const message of there.messages) found.push(message[0])
      expect(found).toEqual([0, 1, 2, 3, 4])
      await closed
    })

    it('ends a reading that waits, where it is closed', async () => {
      const { connect } = await begin()
      const [here] = await connect()
      const read = firstOf(here, 1)
      await here.close()
      expect(await read).toEqual([])
    })

    it('has nothing to do with another one', async () => {
      const { connect } = await begin()
      const [one, two] = [await connect(), await connect()]
      await one[0].send(Uint8Array.of(1))
      await two[0].send(Uint8Array.of(2))
      await one[0].close()
      expect(await firstOf(two[1], 1)).toEqual([Uint8Array.of(2)])
      await two[1].send(Uint8Array.of(3))
      expect(await firstOf(two[0], 1)).toEqual([Uint8Array.of(3)])
    })
  })

  describe(`${name}: listening`, () => {
    it('takes a port that is free, and says which', async () => {
      const { net, host, listener } = await begin()
      const other = await net.listen({ host, port: 0 }, () => undefined)
      opened.push(other)
      expect(listener.address.port).toBeGreaterThan(0)
      expect(other.address.port).not.toBe(listener.address.port)
    })

    it('is refused where somebody listens', async () => {
      const { net, listener } = await begin()
      await expect(net.listen(listener.address, () => undefined)).rejects.toMatchObject({ code: 'EADDRINUSE' })
    })

    it('takes no connection when it is over, and leaves those that are there', async () => {
      const { net, listener, connect } = await begin()
      const [here, there] = await connect()
      await listener.close()
      await listener.close()
      await expect(net.connect(listener.address)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
      await here.send(Uint8Array.of(1))
      expect(await firstOf(there, 1)).toEqual([Uint8Array.of(1)])
    })
  })
}

/** So many messages, or all up to the end. */
async function firstOf(connection: Connection, count: number): Promise<Uint8Array[]> {
  const found: Uint8Array[] = []
  for await (const message of connection.messages) {
    found.push(message)
    if (found.length === count) break
  }
  return found
}

/** Comes back when a number has stayed what it is for a while. */
async function quiet(number: () => number): Promise<void> {
  for (let before = -1; number() !== before; ) {
    before = number()
    await new Promise((resolve) => {
      setTimeout(resolve, 200)
    })
  }
}
