/** What a developer can't see in an error: a service that doesn't allow this page looks like no network at all. */
import { NetworkError } from "./problem.js";

let said = false;

/** Say so in the console, once in a page, if no answer of `service` may be that: it is of another origin, and there is a network. */
export function hint(error: unknown, service: string): void {
  const { origin } = (globalThis as { location?: Location }).location ?? {};
  const silent = error instanceof NetworkError && !error.late && navigator.onLine;
  if (said || !silent || !origin || !service || service === origin) return;
  said = true;
  console.warn(`No answer from ${service}. If it runs, its BACKEND_CORS_ORIGINS may lack ${origin}.`);
}
