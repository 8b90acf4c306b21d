/** The reference of the programming interface: a page for each entry point of the package, and one that lists them all. */
import { readFileSync } from 'node:fs'
import { type Exported, exportsOf, purposeOf } from './declarations.ts'
import type { Page } from './page.ts'

interface Entry {
  /** What a program imports. */
  readonly specifier: string
  /** Of its page. */
  readonly name: string
  readonly source: string
  readonly exported: readonly Exported[]
}

export function apiPages(): readonly Page[] {
  const entries = entryPoints()
  return [{ path: 'api.md', text: overview(entries) }, ...entries.map(pageOf)]
}

/** What a reader of the reference finds nothing about. A type whose members are told needs no words of its own. */
export function unexplained(): readonly string[] {
  const all = entryPoints().flatMap(({ exported }) => exported)
  const silent = all.filter(({ doc, kind, signature }) => doc === '' && !(kind === 'type' && signature.includes('/**')))
  return [...new Set(silent.map(({ name, path, line }) => `${path}:${line} ${name}`))].toSorted()
}

function entryPoints(): readonly Entry[] {
  const { name: own, exports } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    readonly name: string
    readonly exports: Readonly<Record<string, string | { readonly types?: string }>>
  }
  return Object.entries(exports).flatMap(([path, target]) => {
    if (typeof target === 'string' || target.types === undefined) return []
    const source = sourceOf(target.types)
    const specifier = path.replace('.', own)
    return [{ specifier, name: specifier.replaceAll('/', '-'), source, exported: exportsOf(source) }]
  })
}

/** `dist/verify/index.d.ts` is made of `src/verify/index.ts`; what is not in dist lies beside its source. */
function sourceOf(types: string): string {
  return types
    .replace(/^\.\//, '')
    .replace(/^dist\//, 'src/')
    .replace(/\.d\.ts$/, '.ts')
}

function overview(entries: readonly Entry[]): string {
  const parts = entries.map(({ specifier, name, source, exported }) => {
    const [purpose = ''] = purposeOf(source).split('\n\n')
    const names = exported.map((each) => `[\`${each.name}\`](api/${name}.md#${anchorOf(each.name)})`)
    return `## [\`${specifier}\`](api/${name}.md)\n\n${purpose}\n\n${names.join(', ')}\n`
  })
  return `# The programming interface

Every name that the package exports, by the entry point that a program imports it from. All of it is ESM with types of its own.

${parts.join('\n')}`
}

const KINDS: readonly (readonly [Exported['kind'], string])[] = [
  ['class', 'Classes'],
  ['function', 'Functions'],
  ['value', 'Values'],
  ['type', 'Types'],
]

function pageOf({ specifier, name, source, exported }: Entry): Page {
  const parts = KINDS.flatMap(([kind, title]) => {
    const ofKind = exported.filter((each) => each.kind === kind)
    return ofKind.length === 0 ? [] : [`## ${title}\n\n${ofKind.map(section).join('\n')}`]
  })
  return { path: `api/${name}.md`, text: `# \`${specifier}\`\n\n${purposeOf(source)}\n\n${parts.join('\n')}` }
}

function section({ name, signature, doc, path, line }: Exported): string {
  const code = `\`\`\`ts\n${signature}\n\`\`\``
  return `### \`${name}\`\n\n${[doc, code, `[${path}](../../../${path}#L${line})`].filter(Boolean).join('\n\n')}\n`
}

/** Where a heading of a page is linked to: both cases of a name lead to one place. */
function anchorOf(name: string): string {
  return name.toLowerCase()
}
