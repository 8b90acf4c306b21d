/** How wide a drawing is drawn: in a narrow window it has fewer units, so that its words stay large enough to be read. */
export function room(wide: number, narrow: number): number {
  return innerWidth < 640 ? narrow : wide
}
