/**
 * Faults put into src on purpose, each in one place: `find` is replaced by `put`. The simulator must find every one within a bounded number of runs
 * (`npm run sim:mutants`): one that it does not find is a promise that it does not guard.
 */
export interface Fault {
  /** What is wrong then. */
  readonly what: string
  /** Under src. */
  readonly file: string
  readonly find: string
  readonly put: string
}

export const faults: readonly Fault[] = [
  {
    what: 'a frame is acknowledged before its fsync',
    file: 'journal/writer.ts',
    find: 'const start = this.settings.syncing?.start()\n    await file.datasync()',
    put: 'const start = this.settings.syncing?.start()',
  },
  {
    what: 'a block is sealed before its fsync',
    file: 'pipeline/producer.ts',
    find: 'durable = await commit(log, block, encoded, riding)',
    put: 'await seal(this.sealParts, block as unknown as DurableBlock)\n      durable = await commit(log, block, encoded, riding)',
  },
  {
    what: 'the directory is not synced when a file of the journal is begun',
    file: 'journal/writer.ts',
    find: 'await file.datasync()\n    await disk.syncDirectory(directory)',
    put: 'await file.datasync()',
  },
  {
    what: 'the directory is not synced when a small file is replaced',
    file: 'store/durable-file.ts',
    find: 'await disk.syncDirectory(directory)',
    put: 'await disk.list(directory)',
  },
  {
    what: 'a failed fsync is tried again',
    file: 'journal/writer.ts',
    find: 'const start = this.settings.syncing?.start()\n    await file.datasync()',
    put: 'const start = this.settings.syncing?.start()\n    await file.datasync().catch(() => file.datasync())',
  },
  {
    what: 'the newest file is not written again after a stop that was not clean',
    file: 'journal/order.ts',
    find: 'await this.keepTorn(source)\n        await this.writeAgain(source)',
    put: 'await this.keepTorn(source)\n        if (this.looked.found.state === "torn") await this.writeAgain(source)',
  },
  {
    what: 'the file that was written again does not take the place of the old one',
    file: 'journal/order.ts',
    find: 'await disk.rename(temporary, pathIn(this.settings, fileName(file)))',
    put: 'await disk.unlink(temporary)',
  },
  {
    what: 'the applied height of LevelDB is believed',
    file: 'pipeline/open-store.ts',
    find: 'const believed = await unbrokenHeight(store, MARKS_CHECKED_BYTES)',
    put: 'const believed = (await unbrokenHeight(store, MARKS_CHECKED_BYTES)) > -2n ? newest : -1n',
  },
  {
    what: 'a corrupt frame is dropped as a torn one',
    file: 'journal/judge.ts',
    find: "return isTorn ? { state: 'torn', until } : { state: 'corrupt' }",
    put: "return isTorn || until > 0 ? { state: 'torn', until } : { state: 'corrupt' }",
  },
  {
    what: 'a torn frame is cut though store or guard know that it was acknowledged',
    file: 'pipeline/recover.ts',
    find: "if (decide(torn) !== 'cut') {",
    put: "if (decide(torn) === 'skip') {",
  },
  {
    what: 'readers see the newest prepared block',
    file: 'pipeline/producer.ts',
    find: 'get readable(): Standing {\n    return this.acknowledged',
    put: 'get readable(): Standing {\n    return this.newest',
  },
  {
    what: 'after a restart nobody remembers what a client had executed',
    file: 'pipeline/clients.ts',
    find: 'const highest = requestIn(read(client))',
    put: 'const highest = 0n * requestIn(read(client))',
  },
  {
    what: 'a repeated command is answered before the block is durable that it waits for',
    file: 'pipeline/producer.ts',
    find: 'const isDurable = made === undefined || (await this.commitAndAnswer(made))\n    if (isDurable) for',
    put: 'for (const waiting of repeated.splice(0)) repeat(waiting)\n    const isDurable = made === undefined || (await this.commitAndAnswer(made))\n    if (isDurable) for',
  },
  {
    what: 'another command under a number that is on its way is refused before it is known what becomes of the first',
    file: 'pipeline/1-submit.ts',
    find: 'if (first === undefined) this.onTheirWay.set(name, waiting)',
    put: 'if (first === undefined) this.onTheirWay.set(name, waiting)\n      else throw conflict(client, request)',
  },
  {
    what: 'the guard is ignored',
    file: 'pipeline/recover.ts',
    find: 'const marked = await guard.read()',
    put: 'const marked = (await guard.read()) && { head: null }',
  },
  {
    what: 'the guard is not brought up to date at a close',
    file: 'chain.ts',
    find: 'await guard.flush()',
    put: 'guard.stop()',
  },
  {
    what: 'the guard is written at a close alone',
    file: 'pipeline/guard-keeper.ts',
    find: 'this.clock.after(GUARD_INTERVAL, () => {',
    put: 'this.clock.after(GUARD_INTERVAL * 1e6, () => {',
  },
  {
    what: 'the guard is not locked against a copy of the data',
    file: 'pipeline/open-chain.ts',
    find: 'if (!mayWrite) return unlockData',
    put: 'if (!mayWrite || guard !== "") return unlockData',
  },
  {
    what: 'a clock that ran back is believed',
    file: 'pipeline/block-time.ts',
    find: 'return newest\n',
    put: 'return now\n',
  },
  {
    what: 'blocks are made for a time for which no delegation is',
    file: 'pipeline/5-seal.ts',
    find: 'if (authority.usableAt(delegations, timestamp).length > 0) return undefined',
    put: 'if (authority.usableAt(delegations, timestamp).length >= 0) return undefined',
  },
  {
    what: 'what a full disk refused counts as executed',
    file: 'pipeline/producer.ts',
    find: 'this.parts.workshop.clients.forget()',
    put: 'this.parts.workshop.clients.highest("", () => undefined)',
  },
  {
    what: 'what stood behind a refused command is said to be skipped',
    file: 'pipeline/3-prepare.ts',
    find: ';(isRepeated ? repeated : behind).push(waiting)',
    put: ';(isRepeated || isRepeated !== undefined ? repeated : behind).push(waiting)',
  },
  {
    what: 'after a failure the next block is made',
    file: 'pipeline/producer.ts',
    find: 'this.refuse(executed, outcomeUnknown(cause))\n    this.fail(cause)',
    put: 'this.refuse(executed, outcomeUnknown(cause))\n    this.newest = this.durable',
  },
  {
    what: 'the marks of what is taken back are left standing',
    file: 'pipeline/chain-store.ts',
    find: 'if (at !== undefined) await takeMarksAbove(store, at.height)',
    put: '',
  },
  {
    what: 'a value that is read is not compared with what its page says',
    file: 'state/tree.ts',
    find: 'throw damaged(this.name, `the value of',
    put: 'if (version < 0) throw damaged(this.name, `the value of',
  },
  {
    what: 'a revocation may be published before the new seal of the head is durable',
    file: 'pipeline/producer.ts',
    find: 'const refused = await this.recordSeals()\n    if (refused !== undefined) throw refused',
    put: 'void this.recordSeals().catch(() => undefined)',
  },
  {
    what: 'a follower passes over a block between those of the journal and those in memory',
    file: 'pipeline/feed.ts',
    find: 'next = height + 1n\n          yield block',
    put: 'next = height === newest ? height + 2n : height + 1n\n          yield block',
  },
  {
    what: 'a flush does not wait for what is on its way',
    file: 'chain.ts',
    find: 'await intake.settled()\n    await applier.through(heightOf(producer.readable))\n    if (producer.failedBy !== undefined) throw',
    put: 'await applier.through(heightOf(producer.readable))\n    if (producer.failedBy !== undefined) throw',
  },
  {
    what: 'a flush does not wait until all is applied',
    file: 'chain.ts',
    find: 'await intake.settled()\n    await applier.through(heightOf(producer.readable))\n    if (producer.failedBy !== undefined) throw',
    put: 'await intake.settled()\n    void applier\n    if (producer.failedBy !== undefined) throw',
  },
  {
    what: 'a key is proved as of the newest block, whichever was asked for',
    file: 'pipeline/prove.ts',
    find: 'store.trees[tree].prove(Number(height), key)',
    put: 'store.trees[tree].prove(Number(store.height), key)',
  },
  {
    what: 'a proof leads on from another block than was accepted',
    file: 'pipeline/prove.ts',
    find: 'claims.push(blockClaim(store, header, since))',
    put: 'claims.push(blockClaim(store, header, header.height - 1n))',
  },
  {
    what: 'a close does not wait for what is on its way',
    file: 'chain.ts',
    find: 'await producer.drain()\n    await intake.settled()',
    put: 'void intake',
  },
]
