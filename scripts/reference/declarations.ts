/**
 * What a module exports, read from its sources: each name with its declaration, its doc comment, and where it stands.
 *
 * The sources say all that the built `.d.ts` files do, with the lines to link to: `isolatedDeclarations` has every type of an export written out.
 */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Class, type ClassElement, type Directive, parseSync, type Statement } from 'oxc-parser'

type Node = Directive | Statement

interface Module {
  readonly path: string
  readonly text: string
  readonly body: readonly Node[]
}

export interface Exported {
  readonly name: string
  /** A type says what a value is, and is nothing at run time. */
  readonly kind: 'class' | 'function' | 'value' | 'type'
  /** What a program sees of it: no bodies, nothing private. */
  readonly signature: string
  /** Empty where there is none. */
  readonly doc: string
  readonly path: string
  readonly line: number
}

/** Everything that a module gives, in the order of names. */
export function exportsOf(path: string): readonly Exported[] {
  const module = parsed(path)
  const names = module.body.flatMap((node) => namesIn(module, node))
  return names
    .map((name) => described(module, name))
    .toSorted((a, b) => a.name.localeCompare(b.name, 'en', { sensitivity: 'base' }))
}

/** What the comment at the beginning of a file says that it is for. */
export function purposeOf(path: string): string {
  return plain(openingOf(parsed(path).text))
}

const modules = new Map<string, Module>()

function parsed(path: string): Module {
  const known = modules.get(path)
  if (known !== undefined) return known
  const text = readFileSync(path, 'utf8')
  const { program, errors } = parseSync(path, text)
  if (errors.length > 0) throw new Error(`${path} cannot be parsed: ${errors[0]?.message}`)
  const module = { path, text, body: program.body }
  modules.set(path, module)
  return module
}

function beside(module: Module, specifier: string): Module {
  return parsed(join(dirname(module.path), specifier))
}

function namesIn(module: Module, node: Node): readonly string[] {
  if (node.type === 'ExportAllDeclaration') {
    const all = beside(module, node.source.value)
    return all.body.flatMap((each) => namesIn(all, each))
  }
  if (node.type !== 'ExportNamedDeclaration') return []
  const listed = node.specifiers.map(({ exported }) => nameOf(exported))
  return node.declaration === null ? listed : [...new Set(declaredIn(node.declaration))]
}

/** Follows a name through the modules that pass it on, to where it is declared. */
function described(module: Module, name: string): Exported {
  const own = module.body.filter((node) => declaredBy(node).includes(name))
  if (own.length > 0) return declared(module, name, own)
  for (const node of module.body) {
    if (node.type === 'ExportAllDeclaration') {
      const all = beside(module, node.source.value)
      if (all.body.flatMap((each) => namesIn(all, each)).includes(name)) return described(all, name)
    }
    if (node.type === 'ExportNamedDeclaration') {
      const passed = node.specifiers.find(({ exported }) => nameOf(exported) === name)
      if (passed !== undefined && node.source !== null) {
        return { ...described(beside(module, node.source.value), nameOf(passed.local)), name }
      }
    }
    if (node.type === 'ImportDeclaration') {
      const taken = node.specifiers.find(({ local }) => local.name === name)
      if (taken?.type === 'ImportSpecifier') return described(beside(module, node.source.value), nameOf(taken.imported))
    }
  }
  throw new Error(`${module.path} exports ${name}, and it is declared nowhere`)
}

function declaredBy(node: Node): readonly string[] {
  if (node.type === 'ExportNamedDeclaration') return node.declaration === null ? [] : declaredIn(node.declaration)
  return declaredIn(node)
}

function declaredIn(node: Node): readonly string[] {
  if (node.type === 'VariableDeclaration') {
    return node.declarations.flatMap(({ id }) => (id.type === 'Identifier' ? [id.name] : []))
  }
  const isNamed = 'id' in node && node.id !== null && node.id.type === 'Identifier'
  return isNamed ? [(node.id as { readonly name: string }).name] : []
}

function nameOf(node: { readonly type: string; readonly name?: string; readonly value?: string }): string {
  return node.name ?? node.value ?? ''
}

/** Of a function with overloads, those are what may be called. */
function declared({ path, text }: Module, name: string, nodes: readonly Node[]): Exported {
  const overloads = nodes.filter((node) => bare(node).type === 'TSDeclareFunction')
  const shown = overloads.length > 0 ? overloads : nodes.slice(0, 1)
  const [first] = shown as [Node]
  return {
    name,
    kind: kindOf(bare(first)),
    signature: shown.map((node) => signatureOf(text, bare(node), name)).join('\n'),
    doc: docBefore(text, first.start) || fileDoc(text, nodes),
    path,
    line: text.slice(0, first.start).split('\n').length,
  }
}

/** A declaration without the word `export` before it. */
function bare(node: Node): Node {
  return node.type === 'ExportNamedDeclaration' && node.declaration !== null ? node.declaration : node
}

function kindOf({ type }: Node): Exported['kind'] {
  if (type === 'ClassDeclaration') return 'class'
  if (type === 'FunctionDeclaration' || type === 'TSDeclareFunction') return 'function'
  return type === 'VariableDeclaration' ? 'value' : 'type'
}

/** What of a value is too long to be read is not shown. */
const VALUE_MAX = 160

function signatureOf(text: string, node: Node, name: string): string {
  const cut = (from: number, to: number): string => text.slice(from, to).trimEnd()
  if (node.type === 'ClassDeclaration') return classOf(text, node)
  if (node.type === 'FunctionDeclaration') return withoutAsync(cut(node.start, node.body?.start ?? node.end))
  if (node.type !== 'VariableDeclaration') return cut(node.start, node.end)
  const one = node.declarations.find(({ id }) => id.type === 'Identifier' && id.name === name)
  if (one === undefined) throw new Error(`${name} is no plain value`)
  const type = one.id.typeAnnotation
  if (type) return `${node.kind} ${cut(one.id.start, type.end)}`
  const whole = cut(one.start, one.end)
  return `${node.kind} ${whole.length > VALUE_MAX ? `${name} = …` : whole}`
}

/** The public face of a class: no bodies, and none of what is private. */
function classOf(text: string, node: Class): string {
  const head = text.slice(node.start, node.body.start).trimEnd()
  const members = node.body.body
    .filter(isPublic)
    .map((member) => `  ${[comment(text, member.start), memberOf(text, member)].filter(Boolean).join('\n  ')}`)
  return members.length === 0 ? `${head} {}` : `${head} {\n${members.join('\n')}\n}`
}

function isPublic(member: ClassElement): boolean {
  if (!('key' in member) || member.key.type === 'PrivateIdentifier') return false
  return !('accessibility' in member) || member.accessibility === null || member.accessibility === 'public'
}

function memberOf(text: string, member: ClassElement): string {
  const cut = (to: number): string => text.slice(member.start, to).trimEnd()
  if (member.type === 'MethodDefinition') return withoutAsync(cut(member.value.body?.start ?? member.end))
  if (member.type !== 'PropertyDefinition') return cut(member.end)
  return cut(member.typeAnnotation?.end ?? member.end)
}

/** How a promise is made is nothing to who gets it. */
function withoutAsync(signature: string): string {
  return signature.replace(/^((?:static )?)async \*?/, '$1')
}

/** The doc comment right before a place, as it stands there. */
function comment(text: string, start: number): string {
  return /\/\*\*(?:(?!\*\/).)*\*\/(?=\s*$)/s.exec(text.slice(0, start))?.[0] ?? ''
}

/** Where a file has one class, what the file is for is what the class is for. */
function fileDoc(text: string, [node]: readonly Node[]): string {
  return node !== undefined && bare(node).type === 'ClassDeclaration' ? plain(openingOf(text)) : ''
}

function openingOf(text: string): string {
  return /^\/\*\*(.*?)\*\//s.exec(text)?.[1] ?? ''
}

/** A comment that opens a file is about the file. */
function docBefore(text: string, start: number): string {
  const found = comment(text, start)
  return found === '' || text.startsWith(found) ? '' : plain(found.slice(3, -2))
}

/** The words of a comment, a paragraph a line. */
function plain(words: string): string {
  const lines = words.split('\n').map((line) => line.replace(/^\s*\*? ?/, '').trim())
  return lines
    .join('\n')
    .trim()
    .replace(/(?<!\n)\n(?!\n|[-*] )/g, ' ')
}
