/** What stories of sessions that are bound to a key of their browser have in common. */

/** A session, as its user's list has it. */
export interface Listed {
  bound: string | null;
  current: boolean;
}

/** How long it is used; twenty minutes once in a while, by hand: `SECONDS=1200 npm run e2e -w e2e -- bound`. */
export const SECONDS = Number(process.env.SECONDS ?? 75);

/** Wait until something is so. */
export async function until(so: () => boolean, limit = 10_000): Promise<void> {
  for (const end = Date.now() + limit; !so(); await new Promise((resolve) => setTimeout(resolve, 50)))
    if (Date.now() > end) throw new Error("It never came to it.");
}

export const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
