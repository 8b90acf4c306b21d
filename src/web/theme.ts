/** Dark or light: as the system says, until the switch says otherwise. */
import { byId } from './dom.ts'
import { inBrowser } from './kept.ts'

const THEME = 'cairn.theme'
const dark = matchMedia('(prefers-color-scheme: dark)')

function isDark(): boolean {
  const chosen = document.documentElement.dataset.theme
  return chosen === undefined ? dark.matches : chosen === 'dark'
}

export function startTheme(): void {
  const chosen = inBrowser.get(THEME)
  if (chosen === 'dark' || chosen === 'light') document.documentElement.dataset.theme = chosen
  const button = byId('theme')
  const name = (): void => {
    const words = isDark() ? 'Switch to light' : 'Switch to dark'
    button.setAttribute('aria-label', words)
    button.title = words
    button.dataset.now = isDark() ? 'dark' : 'light'
  }
  button.addEventListener('click', () => {
    const next = isDark() ? 'light' : 'dark'
    document.documentElement.dataset.theme = next
    inBrowser.set(THEME, next)
    name()
  })
  dark.addEventListener('change', name)
  name()
}
