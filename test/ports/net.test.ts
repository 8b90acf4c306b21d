/** Every net does what the port says: TCP, and the double in memory; and TCP breaks where the other side breaks its rules. */
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { Connection } from '../../src/ports/net.ts'
import { nodeNet } from '../../src/ports/node-net.ts'
import { SimClock } from '../simulation/sim-clock.ts'
import { SimNetwork } from '../simulation/sim-net.ts'
import { World } from '../simulation/world.ts'
import { netConformance } from './net-conformance.ts'

const HOST = '127.0.0.1'

netConformance('TCP', () => ({ net: nodeNet, host: HOST }))
netConformance('simulated', () => ({ net: new SimNetwork().join(new World()), host: HOST }))

async function readAll(connection: Connection): Promise<number[]> {
  const lengths: number[] = []
  for await (const { length } of connection.messages) lengths.push(length)
  return lengths
}

describe('over TCP, from somebody who keeps to nothing', () => {
  const toClose: (Socket | Server)[] = []
  afterEach(() => {
    for (const each of toClose.splice(0))
      if ('destroy' in each) each.destroy()
      else each.close()
  })

  /** A connection of ours, and the socket at its other end. */
  async function withSocket(): Promise<readonly [Connection, Socket]> {
    const server = createServer()
    toClose.push(server)
    server.listen(0, HOST)
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const [[socket], connection] = await Promise.all([
      once(server, 'connection') as Promise<[Socket]>,
      nodeNet.connect({ host: HOST, port }),
    ])
    toClose.push(socket)
    socket.on('error', () => undefined)
    return [connection, socket]
  }

  const message = (length: number): Buffer => {
    const bytes = Buffer.alloc(4 + length)
    bytes.writeUInt32BE(length)
    return bytes
  }

  it('a message that is announced too long breaks the connection', async () => {
    const [connection, socket] = await withSocket()
    socket.write(message(5))
    socket.write(Buffer.of(0x04, 0, 0, 1))
    await once(socket, 'close')
    const lengths: number[] = []
    const read = async (): Promise<void> => {
      for await (const { length } of connection.messages) lengths.push(length)
    }
    await expect(read()).rejects.toMatchObject({
      code: 'over_limit',
      details: { limit: 64 << 20, size: (64 << 20) + 1 },
    })
    expect(lengths).toEqual([5])
    await expect(connection.send(Uint8Array.of(1))).rejects.toMatchObject({ code: 'connection_broken' })
  })

  it('a message that comes byte by byte comes whole', async () => {
    const [connection, socket] = await withSocket()
    for (const byte of Buffer.concat([message(3), message(0), message(2)])) {
      socket.write(Buffer.of(byte))
      await new Promise((resolve) => {
        setTimeout(resolve, 2)
      })
    }
    socket.end()
    expect(await readAll(connection)).toEqual([3, 0, 2])
  })

  it.each([1, 3, 4, 9])('a message that ends after %i bytes is a break, not an end', async (bytes) => {
    const [connection, socket] = await withSocket()
    socket.end(message(10).subarray(0, bytes))
    await expect(readAll(connection)).rejects.toMatchObject({ code: 'connection_broken' })
  })

  it('a reset is a break, for who reads and who sends', async () => {
    const [connection, socket] = await withSocket()
    const read = readAll(connection)
    socket.resetAndDestroy()
    await expect(read).rejects.toMatchObject({ code: 'connection_broken' })
    await expect(connection.send(Uint8Array.of(1))).rejects.toMatchObject({ code: 'connection_broken' })
    await connection.close()
  })

  it('an announcement takes no memory', async () => {
    const pairs = await Promise.all(Array.from({ length: 20 }, () => withSocket()))
    const before = process.memoryUsage().arrayBuffers
    for (const [, socket] of pairs) socket.write(Buffer.concat([Buffer.of(0x04, 0, 0, 0), new Uint8Array(100)]))
    await new Promise((resolve) => {
      setTimeout(resolve, 200)
    })
    // What the system was asked for to read into, of each.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20 * (1 << 20))
    for (const [connection, socket] of pairs) {
      socket.destroy()
      await connection.close()
    }
  })

  it('does not hold up a close for ever', async () => {
    const [connection, socket] = await withSocket()
    socket.pause()
    const began = performance.now()
    await connection.send(Uint8Array.of(1))
    await connection.close()
    expect(performance.now() - began).toBeLessThan(5000)
  })

  it('nobody there is an error', async () => {
    const server = createServer()
    server.listen(0, HOST)
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    await new Promise((resolve) => {
      server.close(resolve)
    })
    await expect(nodeNet.connect({ host: HOST, port })).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })
})

describe('a simulated network', () => {
  const begin = async (network: SimNetwork) => {
    const [server, client] = [new World(), new World()]
    const accepted: Connection[] = []
    const { address } = await network.join(server).listen({ host: 'server', port: 1 }, (each) => accepted.push(each))
    const here = await network.join(client).connect(address)
    return { server, client, address, here, there: accepted[0] as Connection }
  }

  it('takes its time, in the order of sending', async () => {
    const clock = new SimClock({ isDead: false }, 0)
    const network = new SimNetwork(clock)
    const { here, there } = await begin(network)
    network.latency = 50
    await here.send(Uint8Array.of(1))
    await here.send(Uint8Array.of(2))
    const seen: (number | undefined)[] = []
    void (async (): Promise<void> => {
      for await (const [first] of there.messages) seen.push(first)
    })()
    await clock.advance(49)
    expect(seen).toEqual([])
    await clock.advance(1)
    expect(seen).toEqual([1, 2])
  })

  it('breaks connections, loses what is on the way, and lets nobody through while it is cut', async () => {
    const network = new SimNetwork()
    const { client, address, here, there } = await begin(network)
    const read = readAll(there)
    void here.send(Uint8Array.of(1))
    network.cut(true)
    await expect(read).rejects.toMatchObject({ code: 'connection_broken' })
    await expect(here.send(Uint8Array.of(1))).rejects.toMatchObject({ code: 'connection_broken' })
    await expect(network.join(client).connect(address)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    network.cut(false)
    await network.join(client).connect(address)
  })

  it('breaks what a machine had when it dies', async () => {
    const network = new SimNetwork()
    const { server, client, address, here } = await begin(network)
    const read = readAll(here)
    server.crash()
    await expect(read).rejects.toMatchObject({ code: 'connection_broken' })
    await expect(network.join(client).connect(address)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })
})
