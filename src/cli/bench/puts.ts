/** The commands of a load: puts for the machine `kv`, of values of one size over so many keys. */

/** What begins every key of a load, so that it is told from what else is in a chain. */
const PREFIX = 'bench/'

/** `n` makes every value another one. */
export function putOf(key: number, n: number, size: number): Buffer {
  const value = String(n).padStart(size, '.').slice(-size)
  return Buffer.from(`{"key":"${PREFIX}${String(key).padStart(10, '0')}","value":"${value}"}`, 'latin1')
}
