/** `/metrics`: what a person on duty decides by. Every figure is told in docs/server.md, and says what happened. */
import { readFileSync } from 'node:fs'
import { afterEach, expect, it, vi } from 'vitest'
import { put, served } from './served.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

interface Family {
  readonly type: string
  readonly samples: Map<string, number>
}

/** The text as Prometheus reads it: each sample under the family whose head stands before it. */
function familiesIn(text: string): Map<string, Family> {
  const families = new Map<string, Family>()
  let [name, helped] = ['', '']
  for (const line of text.split('\n').filter(Boolean)) {
    const [, word, family = '', rest = ''] = /^# (HELP|TYPE) (\w+) (.+)$/.exec(line) ?? []
    if (word === 'HELP') helped = family
    else if (word === 'TYPE') {
      if (helped !== family || families.has(family)) throw new Error(`no head of a family: ${line}`)
      name = family
      families.set(name, { type: rest, samples: new Map() })
    } else {
      const [, sample = '', value = ''] = /^(\S+?(?:\{.*\})?) (\S+)$/.exec(line) ?? []
      // Prometheus reads it in whichever case: so is a mean of nothing yet.
      const isNumber = /^nan$/i.test(value) || !Number.isNaN(Number(value))
      if (!sample.startsWith(name) || !isNumber) throw new Error(`no sample: ${line}`)
      families.get(name)?.samples.set(sample, Number(value))
    }
  }
  return families
}

function figure(families: Map<string, Family>, sample: string): number | undefined {
  return families.get(/^\w+?(?=_bucket|_sum|_count|\{|$)/.exec(sample)?.[0] ?? '')?.samples.get(sample)
}

it('names the same figures as docs/server.md, of the same types', async () => {
  const { get, post } = await served()
  await post(put('a', '1'))
  const families = familiesIn(await (await get('/metrics')).text())
  const told = readFileSync('docs/server.md', 'utf8').matchAll(/^\| `(cairn_\w+)` \| (\w+) \| \S.* \| \S.* \|$/gm)
  const ours = [...families].filter(([name]) => name.startsWith('cairn_')).map(([name, { type }]) => `${name} ${type}`)
  const documented = [...told].map(([, name, type]) => `${name} ${type}`)
  expect(documented.toSorted()).toEqual(ours.toSorted())
  const others = [...families.keys()].filter((name) => !/^(?:cairn|process|nodejs)_/.test(name))
  expect(others).toEqual([])
})

it('tells a clock that stands before the newest block, and counts the days of a delegation from that block', async () => {
  const { get, post, chain } = await served()
  await post(put('a', '1'))
  const figures = async (names: readonly string[]): Promise<readonly (number | undefined)[]> => {
    const families = familiesIn(await (await get('/metrics')).text())
    return names.map((name) => figure(families, name))
  }
  const names = ['cairn_clock_behind_seconds', 'cairn_delegation_days_left']
  const newest = Number(chain.head?.header.timestamp)
  const daysLeft = (Number(chain.sealableUntil) - newest) / 86_400_000
  const now = vi.spyOn(Date, 'now').mockReturnValue(newest - 3 * 86_400_000)
  expect(await figures(names)).toEqual([3 * 86_400, daysLeft])
  now.mockReturnValue(newest + 86_400_000)
  expect(await figures(names)).toEqual([0, daysLeft - 1])
})

it('counts blocks and commands where they are made, and every stage of them', async () => {
  const { get, post, chain } = await served()
  for (const [size, key] of [
    [1, 'a'],
    [3, 'b'],
    [60, 'c'],
  ] as const) {
    const answer = await post({ commands: Array.from({ length: size }, (_, i) => put(`${key}${i}`, 'v')) })
    expect(answer.status).toBe(200)
  }
  await chain.flush()
  const families = familiesIn(await (await get('/metrics')).text())
  const stages = ['prepare', 'commit', 'seal', 'apply', 'acknowledge']
  for (const name of [
    'cairn_fsync_seconds_count',
    ...stages.map((stage) => `cairn_stage_seconds_count{stage="${stage}"}`),
    'cairn_block_commands_bucket{le="+Inf"}',
    'cairn_block_bytes_count',
  ]) {
    expect([name, figure(families, name)]).toEqual([name, 3])
  }
  const within = (bound: number): number | undefined => figure(families, `cairn_block_commands_bucket{le="${bound}"}`)
  expect([1, 2, 5, 50, 100].map(within)).toEqual([1, 1, 2, 2, 3])
  expect(figure(families, 'cairn_block_commands_sum')).toBe(64)
  // The fsync is a part of the commit, and both take time.
  const [sync = 0, commit = 0] = ['cairn_fsync_seconds_sum', 'cairn_stage_seconds_sum{stage="commit"}'].map((name) =>
    figure(families, name),
  )
  expect([sync > 0, commit >= sync, commit < 60]).toEqual([true, true, true])
  const zero = ['queue_commands', 'queue_bytes', 'unanswered_commands', 'unanswered_bytes', 'unapplied_blocks']
  for (const name of zero) expect([name, figure(families, `cairn_${name}`)]).toEqual([name, 0])
  for (const name of ['journal_disk_bytes', 'store_disk_bytes', 'disk_free_bytes', 'pages_bytes{tree="state"}'])
    expect([name, (figure(families, `cairn_${name}`) ?? 0) > 0]).toEqual([name, true])
})

it('counts what waits while nothing can be made', async () => {
  const { get, post, chain } = await served()
  await post(put('a', '1'))
  // All in one turn of the loop: the producer takes the first batch of them later.
  const answers = Array.from({ length: 50 }, () =>
    chain.submit({ type: 'put', payload: Buffer.from('{"key":"k","value":"v"}') }),
  )
  await Promise.resolve()
  const { queue, unanswered } = chain.statistics()
  expect([queue.count + unanswered.count > 50, unanswered.bytes > 50 * 20]).toEqual([true, true])
  await Promise.all(answers)
  expect(chain.statistics()).toMatchObject({ queue: { count: 0, bytes: 0 }, unanswered: { count: 0, bytes: 0 } })
  expect((await get('/metrics')).status).toBe(200)
})

it('counts what is refused by its code: requests, single commands within an answer, and what is no request', async () => {
  const { get, post, url } = await served()
  await get('/v1/blocks/7')
  await post('{"type":')
  const named = { client: 'c', request: '1' }
  await post(put('a', '1', named))
  await post({ commands: [put('a', '2', named), put('a', '3')] })
  await post({ type: 'put', payload: {} }, '/v1/commands', { prefer: 'respond-async' })
  await fetch(url, { headers: { 'x-long': 'x'.repeat(20_000) } })
  const families = familiesIn(await (await get('/metrics')).text())
  const refused = families.get('cairn_refusals_total')?.samples
  expect(Object.fromEntries(refused ?? [])).toEqual({
    'cairn_refusals_total{code="unknown_height"}': 1,
    'cairn_refusals_total{code="malformed"}': 1,
    'cairn_refusals_total{code="request_conflict"}': 1,
    'cairn_refusals_total{code="invalid_payload"}': 1,
    'cairn_refusals_total{code="headers_too_large"}': 1,
  })
  const requests = 'cairn_http_request_seconds_count'
  expect(figure(families, `${requests}{route="/v1/commands",status="200"}`)).toBe(2)
  expect(figure(families, `${requests}{route="/v1/blocks/:height",status="404"}`)).toBe(1)
})

it('is read of a chain that was closed as well', async () => {
  const { get, post, chain } = await served()
  await post(put('a', '1'))
  await chain.close()
  const families = familiesIn(await (await get('/metrics')).text())
  expect([figure(families, 'cairn_ready'), figure(families, 'cairn_height')]).toEqual([0, 0])
  expect(figure(families, 'cairn_fsync_seconds_count')).toBeGreaterThan(0)
})

it('is not ready where /health is not: when the delegation has ended, which no command has met yet', async () => {
  const { get, chain } = await served()
  vi.spyOn(Date, 'now').mockReturnValue(Number((chain.sealableUntil ?? 0n) + 1n))
  expect((await get('/health')).status).toBe(503)
  const families = familiesIn(await (await get('/metrics')).text())
  expect(figure(families, 'cairn_ready')).toBe(0)
})
