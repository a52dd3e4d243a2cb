/** A service in memory whose refresh tokens rotate as the real one's do: replayed until the next one is used, reuse ends it. */
import { json, problem } from "./service";

interface Live {
  sub: string;
  gen: number;
  /** The generation of which an access token was used. */
  ack: number;
}

export class Rotating {
  readonly sessions = new Map<string, Live>();
  calls: { path: string; body: string; headers: Headers }[] = [];
  /** Whether nothing gets through. */
  away = false;
  /** Whether access tokens that were given are good still. */
  private since = 0;
  private made = 0;

  readonly fetch = (async (input: string | Request, init: RequestInit = {}): Promise<Response> => {
    const path = new URL(typeof input === "string" ? input : input.url).pathname;
    const headers = new Headers(init.headers);
    const body = (init.body as string | null) ?? "{}";
    this.calls.push({ path, body, headers });
    await Promise.resolve();
    if (this.away) throw new TypeError("Network request failed");
    const { refresh_token, email } = JSON.parse(body) as { refresh_token?: string; email?: string };
    switch (path) {
      case "/api/auth/login": {
        const sid = `s${++this.made}`;
        this.sessions.set(sid, { sub: email ?? "", gen: 1, ack: 0 });
        return this.tokens(sid);
      }
      case "/api/auth/refresh":
        return this.refresh(refresh_token ?? "");
      case "/api/auth/logout":
        this.sessions.delete((refresh_token ?? "").split(".")[1] ?? "");
        return new Response(null, { status: 204 });
      default: {
        const [sid = "", gen, at] = (headers.get("authorization") ?? "").split(" ")[1]?.split("#")[1]?.split(".") ?? [];
        const live = this.sessions.get(sid);
        if (!live || Number(at) < this.since) return problem(401, { code: "invalid_token" });
        live.ack = Math.max(live.ack, Number(gen));
        return json({ id: live.sub, email: live.sub });
      }
    }
  }) as typeof fetch;

  count(path: string): number {
    return this.calls.filter((call) => call.path === path).length;
  }

  /** Let every access token run out. */
  expire(): void {
    this.since = this.made + 1;
  }

  private refresh(token: string): Response {
    const [, sid = "", shown] = token.split(".");
    const live = this.sessions.get(sid);
    if (!live) return problem(400, { code: "invalid_grant", cause: "revoked" });
    const gen = Number(shown);
    const lost = gen === live.gen - 1 && live.ack < live.gen; // the answer before: the same again
    if (gen === live.gen) live.gen++;
    else if (!lost) {
      this.sessions.delete(sid);
      return problem(400, { code: "invalid_grant", cause: "reused" });
    }
    return this.tokens(sid);
  }

  private tokens(sid: string): Response {
    const { gen = 0, sub = "" } = this.sessions.get(sid) ?? {};
    const claims = btoa(JSON.stringify({ sub, sid, gen }));
    const access_token = `x.${claims}.x#${sid}.${gen}.${++this.made}`;
    return json({ access_token, refresh_token: `lkr.${sid}.${gen}`, token_type: "bearer", expires_in: 900 });
  }
}
