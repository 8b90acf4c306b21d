/** What this browser trusts, since when, and how to stop. */
import { h } from '../dom.ts'
import { title } from '../parts.ts'
import { holdsPin, unpin } from '../pin.ts'
import type { Context, Shown } from '../router.ts'
import { count, facts, hash, section, stranger, time } from '../show.ts'

export function trust({ session }: Context): Shown {
  const { pin, genesis, head } = session
  const heading = 'What this browser trusts'
  return {
    title: heading,
    content: [
      title(heading),
      section(
        'The pinned chain',
        facts(
          ['Chain id', hash(pin.chainId, { of: 'chain id', whole: true })],
          ['Name', stranger(genesis.name)],
          ['Cold key', hash(genesis.coldKey, { of: 'address of the cold key', whole: true })],
          ['Machine', stranger(genesis.machine, 64)],
          ['Made', time(genesis.createdAt)],
          ['Pinned', time(BigInt(pin.since))],
          ['Followed up to', head === undefined ? 'no block yet' : `block ${count(head.height)}`],
          head === undefined
            ? undefined
            : ['Its hash', hash(head.blockHash, { of: 'hash of the newest accepted block', whole: true })],
        ),
      ),
      section(
        'What that means',
        h(
          'p',
          {},
          `The first time you came here this browser took the chain id that the server showed${holdsPin() ? ', and has held on to it since' : '. It does not let this page keep anything: when the page is closed the id is forgotten, and with it what would tell another chain from this one'}. From that id follow the cold key and every hash. Compare it with what somebody whom you trust tells you: the id is all that has to be right.`,
        ),
        h(
          'p',
          {},
          'A server that shows another chain, a fork of this one, or an older copy than it proved before, is called that at the top of every page. Nothing is marked as checked then that this browser did not check.',
        ),
        h(
          'p',
          {},
          'It is not asked here whether the cold key took a hot key back: for that a list of revocations from another source is needed, on the page that checks.',
        ),
      ),
      section(
        'Stop trusting it',
        h('p', {}, 'The chain that is shown next is pinned as if it were the first.'),
        forgetButton(),
      ),
    ],
  }
}

/** Asks once more before it does it: what was followed so far is what would show that a server went back. */
export function forgetButton(): HTMLElement {
  let isAsked = false
  const button = h(
    'button',
    {
      type: 'button',
      class: 'danger',
      onclick: () => {
        if (isAsked) {
          unpin()
          location.reload()
        } else {
          isAsked = true
          button.textContent = 'Really forget it? What was followed is lost'
        }
      },
    },
    'Forget the pinned chain',
  )
  return button
}
