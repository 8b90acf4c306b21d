/** Where a server is, as it is written on a command line: nothing secret belongs there, for other processes read it. */

export interface Address {
  readonly url: string
  readonly isEncrypted: boolean
  /** Whether what is sent there leaves this machine. */
  readonly isLoopback: boolean
}

/** What is wrong with it is said without repeating it. */
export function addressOf(text: string): Address | string {
  const url = parsed(text)
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    return 'the URL of a server is written http://127.0.0.1:4270 or https://…'
  if (url.username !== '' || url.password !== '' || TOKEN.test(decoded(text)))
    return `there is a secret in the URL, and other processes can read it: take it out, hold it for known, and ${WHERE_TOKENS_GO}`
  if (url.search !== '' || url.hash !== '' || text.includes('?') || text.includes('#'))
    return `the URL of a server has no ? and no #; a token does not belong there: ${WHERE_TOKENS_GO}`
  return {
    url: url.href.replace(/\/+$/, ''),
    isEncrypted: url.protocol === 'https:',
    isLoopback: isLoopback(url.hostname),
  }
}

/** Why a token must not be sent there, or nothing: whoever reads along on the way would be its holder from then on. */
export function unsafeFor({ isEncrypted, isLoopback }: Address): string | undefined {
  if (isEncrypted || isLoopback) return undefined
  return 'a token is not sent over plain http to another machine: use https:// (TLS in front of the server)'
}

const WHERE_TOKENS_GO = 'give a token with --token-file, CAIRN_TOKEN_FILE or CAIRN_TOKEN'

/** As `cairn token new` makes them. */
const TOKEN = /cairn_[\w-]{16}/

function parsed(text: string): URL | undefined {
  try {
    return new URL(text)
  } catch {
    return undefined
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(?:\.[0-9]{1,3}){3}$/.test(host)
}
