/** Whether this is a promise, or passes for one. What becomes of it is too late, and must not end the process either. */
export function isLate(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('then' in value) || typeof value.then !== 'function')
    return false
  Promise.resolve(value).catch(() => undefined)
  return true
}
