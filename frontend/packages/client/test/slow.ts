/** A service that answers when the test says so, and the tokens it would give. */
import { expect, vi } from "vitest";

/** An access token of generation `gen` of the session `sid`. */
export function token(sid: string, gen: number, sub = "ada"): string {
  return `x.${btoa(JSON.stringify({ sub, sid, gen }))}.x`;
}

export function pair(sid: string, gen: number, sub?: string): object {
  return { access_token: token(sid, gen, sub), refresh_token: `lkr_${sid}_${gen}`, expires_in: 900 };
}

/** Answers that the test gives when it likes: `asked[path]` are the calls that wait. */
export class Slow {
  readonly asked: { path: string; init: RequestInit; answer: (response: Response) => void }[] = [];

  readonly fetch = ((url: string, init: RequestInit) =>
    new Promise<Response>((resolve, reject) => {
      init.signal?.addEventListener("abort", () => reject(init.signal?.reason as Error));
      this.asked.push({ path: new URL(url, "http://service").pathname, init, answer: resolve });
    })) as typeof fetch;

  /** Wait until `path` is called, and answer. */
  async answer(path: string, response: Response): Promise<RequestInit> {
    const index = () => this.asked.findIndex((call) => call.path === path);
    await vi.waitFor(() => expect(index()).toBeGreaterThanOrEqual(0));
    const [call] = this.asked.splice(index(), 1);
    call?.answer(response);
    await quiet();
    return call?.init ?? {};
  }
}

/** Let what was answered be taken in. */
export const quiet = () => new Promise((resolve) => setTimeout(resolve, 5));
