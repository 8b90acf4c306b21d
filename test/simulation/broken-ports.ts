/** Ports that leave out what a start does to be safe, for harnesses that have to notice: with these they must fail. */
import type { Disk } from '../../src/ports/disk.ts'
import type { Store, StoreHome } from '../../src/ports/store.ts'
import { encodeMark, heightOf, markKey } from '../../src/store/block-keys.ts'

/** A disk on which the newest file is never replaced by the one that was written again. */
export function withoutRewrite(disk: Disk): Disk {
  return wrapped(disk, {
    rename: (from, to) => (from.endsWith('rewrite.tmp') ? disk.unlink(from) : disk.rename(from, to)),
  })
}

/** A store whose marks always run unbroken down to block 0: as if nobody looked for gaps. */
export function withoutMarkCheck(home: StoreHome): StoreHome {
  const isOfMark = (key: Uint8Array): boolean => key[0] === markKey(0n)[0]
  return {
    destroy: () => home.destroy(),
    open: async (): Promise<Store> => {
      const store = await home.open()
      return wrapped(store, {
        async *entries(range) {
          if (!(range.reverse === true && isOfMark(range.from)) || range.limit === 1) {
            yield* store.entries(range)
            return
          }
          for await (const [key] of store.entries({ ...range, limit: 1 })) {
            for (let height = heightOf(key); height >= 0n; height--) {
              const made = { place: { file: 0n, offset: 0 }, hash: new Uint8Array(32), firstSeq: 0n, batchSize: 0 }
              yield [markKey(height), store.get(markKey(height)) ?? encodeMark(made)] as const
            }
          }
        },
      })
    },
  }
}

/** The same, but for what is changed. */
export function wrapped<T extends object>(inner: T, changed: Partial<T>): T {
  return new Proxy(inner, {
    get(target, name) {
      if (name in changed) return changed[name as keyof T]
      const member: unknown = Reflect.get(target, name, target)
      return typeof member === 'function' ? (member.bind(target) as unknown) : member
    },
  })
}
