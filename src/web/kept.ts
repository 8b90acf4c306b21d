/** What this browser keeps for the page. Where it lets the page keep nothing, or has no room left, it is kept as long as the page is open. */
class Kept {
  private readonly storage: () => Storage
  private readonly here = new Map<string, string>()

  constructor(storage: () => Storage) {
    this.storage = storage
  }

  get(name: string): string | undefined {
    return this.here.get(name) ?? this.stored(name)
  }

  set(name: string, value: string): void {
    try {
      this.storage().setItem(name, value)
      this.here.delete(name)
    } catch {
      this.here.set(name, value)
    }
  }

  delete(name: string): void {
    this.here.delete(name)
    try {
      this.storage().removeItem(name)
    } catch {
      // It is forbidden: nothing is there.
    }
  }

  /** Whether it is there for the page that is opened next, too. */
  lasts(name: string): boolean {
    return !this.here.has(name) && this.stored(name) !== undefined
  }

  private stored(name: string): string | undefined {
    try {
      return this.storage().getItem(name) ?? undefined
    } catch {
      return undefined
    }
  }
}

/** For this tab alone. */
export const inTab = new Kept(() => sessionStorage)
/** For all pages of this origin, from now on. */
export const inBrowser = new Kept(() => localStorage)
