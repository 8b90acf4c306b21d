/** A home that knows what was opened of it, so that a start that stops leaves nothing open behind it. */
import type { Store, StoreHome } from '../ports/store.ts'

export class HeldHome implements StoreHome {
  private readonly home: StoreHome
  private opened: Store | undefined

  constructor(home: StoreHome) {
    this.home = home
  }

  async open(): Promise<Store> {
    this.opened = await this.home.open()
    return this.opened
  }

  destroy(): Promise<void> {
    return this.home.destroy()
  }

  /** Closes what was opened last. */
  async letGo(): Promise<void> {
    await this.opened?.close()
  }
}
