/**
 * Where a visitor stood on the pages that they left: going back or forward lands there again, on the link by which they went. Remembered for as long as the
 * explorer is open.
 */

export interface Place {
  readonly scrolled: number
  /** The address of the link that had the focus. */
  readonly link: string | undefined
}

export class Places {
  /** By entry of the tab's history: one address may be in it many times. */
  private readonly left = new Map<string, Place>()
  private entry = ''
  private entries = 0

  constructor() {
    // The browser would do it before the page is there.
    history.scrollRestoration = 'manual'
  }

  /** Notes where the page stands that still is shown, and tells where this one was left that the address names now; nothing where it was not shown yet. */
  arrive(): Place | undefined {
    const link = document.activeElement?.getAttribute('href') ?? undefined
    this.left.set(this.entry, { scrolled: scrollY, link })
    this.entry = this.entryNow()
    return this.left.get(this.entry)
  }

  /** The history keeps its state when a page is loaded again, so the names of its entries are of this load alone. */
  private entryNow(): string {
    const state: unknown = history.state
    if (typeof state === 'string' && this.left.has(state)) return state
    const entry = `${performance.timeOrigin} ${this.entries++}`
    history.replaceState(entry, '')
    return entry
  }
}

/** The link of a page by which it was left, if it still is there. */
export function linkIn(page: HTMLElement, { link }: Place): HTMLElement | undefined {
  return Array.from(page.querySelectorAll('a')).find((each) => each.getAttribute('href') === link)
}
