/** For tests of what is shipped: they run what is in dist, which must be what the sources give now. */
import { isBuilt } from '../../scripts/lib/build.mjs'

export function requireBuild(): void {
  if (!isBuilt()) throw new Error('dist is not what the sources give: run `npm run build` first')
}
