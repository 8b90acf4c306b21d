/** What an operator may draw tighter than src/limits.ts has it, for a small machine; never wider. */
import { BODY_MAX, LISTENERS_MAX, REQUESTS_MAX } from '../limits.ts'

export interface Bounds {
  /** Bytes of one body. */
  readonly maxBody: number
  /** Requests that are worked on at a time. */
  readonly maxRequests: number
  /** Who listens to new blocks at a time. */
  readonly maxListeners: number
}

export const BOUNDS: Bounds = { maxBody: BODY_MAX, maxRequests: REQUESTS_MAX, maxListeners: LISTENERS_MAX }
