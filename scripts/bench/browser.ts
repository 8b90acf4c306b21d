/** How long a page in a real Chromium takes to verify a proof, with what it loads by default: noble alone. */
import { openPage } from '../../test/support/chromium.ts'

/**
 * Milliseconds of each of 100 verifications, after a warm-up, from the text to the verdicts. Nothing is remembered from one to
 * the next: each recovers the signer of the delegation and that of the seal. Needs dist and a Chromium.
 */
export async function proofTimeInChromium(proofText: string, chainId: string): Promise<readonly number[]> {
  const page = await openPage({ allowsWasm: false })
  try {
    return await page.run('timesOfProof', proofText, chainId)
  } finally {
    await page.close()
  }
}
