/**
 * Elements, made of names, properties and children. Text becomes text nodes and nothing else: there is no way in here for anybody's bytes to become HTML.
 */

export type Child = Node | string | number | bigint | undefined | false | readonly Child[]

export interface Properties {
  readonly class?: string
  readonly [attribute: string]: string | number | boolean | undefined | ((event: never) => void)
}

const SVG = 'http://www.w3.org/2000/svg'

/** An element; `onclick` and the like are listeners, `true` an attribute without a value. */
export function h<K extends keyof HTMLElementTagNameMap>(
  name: K,
  properties: Properties = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  return filled(document.createElement(name), properties, children)
}

export function s<K extends keyof SVGElementTagNameMap>(
  name: K,
  properties: Properties = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[K] {
  return filled(document.createElementNS(SVG, name), properties, children)
}

function filled<E extends Element>(element: E, properties: Properties, children: readonly Child[]): E {
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value as (event: Event) => void)
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : String(value))
  }
  add(element, children)
  return element
}

function add(element: Element | DocumentFragment, children: readonly Child[]): void {
  for (const child of children) {
    if (child === undefined || child === false) continue
    if (isList(child)) add(element, child)
    else element.append(child instanceof Node ? child : String(child))
  }
}

function isList(child: Child): child is readonly Child[] {
  return Array.isArray(child)
}

/** All that stood in it makes room for these. */
export function put(element: Element, ...children: readonly Child[]): void {
  const made = document.createDocumentFragment()
  add(made, children)
  element.replaceChildren(made)
}

/** The element of the page with this id: the page is ours, so it is there. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id)
  if (found === null) throw new Error(`the page has no #${id}`)
  return found
}

/** Sets the text of an element only where it is another one: a list that is drawn anew at every frame costs what changed in it. */
export function say(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text
}
