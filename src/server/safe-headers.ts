/** What answers say to browsers: to take it for what it is, and to tell nobody where they were. */
export const SAFE_HEADERS = { 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' } as const
