/** `/docs`: the OpenAPI document as a page for people, without a script. */
import type { Route } from './route.ts'
import type { Schema } from './schemas.ts'

export function docsPage(
  routes: readonly Route[],
  { name, chainId }: { readonly name: string; readonly chainId: string },
): string {
  const tags = [...new Set(routes.map(({ tag }) => tag))]
  const sections = tags.map((tag) => {
    const own = routes.filter((route) => route.tag === tag)
    return `<section aria-labelledby="${tag}"><h2 id="${tag}">${tag}</h2>${own.map(routeOf).join('')}</section>`
  })
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Cairn: the HTTP interface of ${escapeHtml(name)}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>The HTTP interface</h1>
<p>Of the chain <strong>${escapeHtml(name)}</strong>, <code>${chainId}</code>. For programs: <a href="/openapi.json">openapi.json</a>.</p>
<pre><code>curl -s -X POST -H 'content-type: application/json' \\
  -d '{"type":"put","payload":{"key":"greeting","value":"hello"}}' \\
  "$URL/v1/commands?proof=1"</code></pre>
</header>
<main>
${sections.join('\n')}
</main>
</body>
</html>
`
}

function routeOf({ method, path, summary, description, params, query, body, scope }: Route): string {
  const parts = [
    description === undefined ? '' : `<p>${escapeHtml(description)}</p>`,
    tableOf('In the path', params),
    tableOf('In the query', query),
    body === undefined ? '' : `<h4>Body</h4><pre><code>${escapeHtml(exampleOf(body))}</code></pre>`,
    scope === undefined ? '' : `<p class="scope">Scope of a token: ${scope}</p>`,
  ]
  const shown = escapeHtml(path.replace(/:(\w+)/g, '{$1}'))
  return `<details><summary><span class="method">${method}</span> <code>${shown}</code> <span>${escapeHtml(summary)}</span></summary>${parts.join('')}</details>`
}

function tableOf(title: string, schema: Schema | undefined): string {
  const { properties = {}, required = [] } = (schema ?? {}) as {
    readonly properties?: Readonly<Record<string, Schema>>
    readonly required?: readonly string[]
  }
  const rows = Object.entries(properties).map(([name, { description, type, pattern, enum: values }]) => {
    const what = [description, Array.isArray(values) ? values.join(', ') : undefined, pattern, type].find(isText) ?? ''
    const must = required.includes(name) ? '' : ' <small>may be left out</small>'
    return `<tr><th scope="row"><code>${escapeHtml(name)}</code>${must}</th><td>${escapeHtml(what)}</td></tr>`
  })
  return rows.length === 0 ? '' : `<h4>${title}</h4><table>${rows.join('')}</table>`
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function exampleOf(body: Schema): string {
  const [one] = (body.oneOf ?? [body]) as readonly Schema[]
  const properties = (one?.properties ?? {}) as Readonly<Record<string, Schema>>
  const example = Object.entries(properties).map(([name, { examples, description }]) => {
    const [value] = (examples ?? []) as readonly unknown[]
    return [name, value ?? description ?? '…']
  })
  return JSON.stringify(Object.fromEntries(example), undefined, 2)
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`)
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1b1f23; --faint: #57606a; --line: #d8dee4; --ground: #fff; --mark: #0b6e4f }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --faint: #9aa5b1; --line: #30363d; --ground: #0d1117; --mark: #56d4a4 } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 60rem; padding: 2rem 1rem 4rem; font: 1rem/1.5 system-ui, sans-serif; color: var(--ink); background: var(--ground) }
h1 { font-size: 1.75rem; margin: 0 0 .5rem } h2 { text-transform: capitalize; margin: 2rem 0 .5rem; font-size: 1.25rem } h4 { margin: 1rem 0 .25rem }
code { font: .9em ui-monospace, monospace; overflow-wrap: anywhere }
pre { overflow-x: auto; padding: .75rem 1rem; border: 1px solid var(--line); border-radius: .5rem }
details { border: 1px solid var(--line); border-radius: .5rem; margin: .5rem 0; padding: 0 1rem }
details[open] { padding-bottom: 1rem }
summary { cursor: pointer; padding: .6rem 0 } summary:focus-visible { outline: 2px solid var(--mark); outline-offset: 2px }
.method { display: inline-block; min-width: 3.2rem; font-weight: 700; color: var(--mark) }
summary span:last-child { color: var(--faint) }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0; border-top: 1px solid var(--line) }
th { font-weight: 400; width: 14rem } small, .scope { color: var(--faint) }
a { color: var(--mark) }
`
