/** What an attempt gives, or the error that it ended with: for what is outside, where every error is one to be handled. */
export async function attemptAsync<T>(make: () => Promise<T>): Promise<T | Error> {
  try {
    return await make()
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}
