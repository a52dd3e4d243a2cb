/** A service in memory, with the answers of the real one: one session, whose refresh token rotates. */

export interface Call {
  method: string;
  path: string;
  query: string;
  headers: Headers;
  body: Record<string, unknown>;
}

export class Service {
  calls: Call[] = [];
  /** How many refreshes are under way, and how many were at most. */
  busy = 0;
  busiest = 0;
  life = 900;
  signedIn = false;
  over: string | null = null;
  /** Answers to give instead, one for each refresh to come; "lost" does the refresh and loses the answer. */
  next: (Response | "lost")[] = [];
  /** What streams are refused with; null where there is a place. */
  refusal: (() => Response) | null = null;
  private valid = new Set<string>();
  private made = 0;
  stream: ReadableStreamDefaultController<Uint8Array> | null = null;

  readonly fetch = async (url: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const call: Call = {
      method: init.method ?? "GET",
      path: new URL(url as string, "http://service").pathname,
      query: new URL(url as string, "http://service").search,
      headers: new Headers(init.headers),
      body: init.body ? (JSON.parse(init.body as string) as Record<string, unknown>) : {},
    };
    this.calls.push(call);
    await Promise.resolve();
    switch (`${call.method} ${call.path}`) {
      case "POST /api/auth/login":
        this.signedIn = true;
        return json(this.tokens());
      case "GET /api/auth/email":
        return json({ code: true, link: true, registers: false });
      case "POST /api/auth/email/start":
        return json({ challenge: "lkm_challenge", expires_in: 1200 }, 202);
      case "POST /api/auth/email/look":
        return json({ email: "ada@example.com", at: "2026-11-26T09:10:00Z", ip: "203.0.113.7", browser: "Firefox" });
      case "POST /api/auth/email/finish":
        return this.byMail(call.body);
      case "POST /api/auth/refresh":
        return this.refresh();
      case "POST /api/auth/logout":
        this.signedIn = false;
        return new Response(null, { status: 204 });
      case "GET /api/sessions/stream":
        return (
          this.allowed(call) ??
          this.refusal?.() ??
          new Response(new ReadableStream({ start: (control) => void (this.stream = control) }))
        );
      default:
        return this.allowed(call) ?? json({ id: "ada", email: "ada@example.com" });
    }
  };

  count(path: string): number {
    return this.calls.filter((call) => call.path === path).length;
  }

  /** Let every access token run out. */
  expire(): void {
    this.valid.clear();
  }

  /** End the session; open streams hear of it. */
  end(reason: string): void {
    this.over = reason;
    this.expire();
    this.stream?.enqueue(new TextEncoder().encode(`:\n\nevent: ended\ndata: {"reason": "${reason}"}\n\n`));
  }

  private async refresh(): Promise<Response> {
    this.busy += 1;
    this.busiest = Math.max(this.busiest, this.busy);
    await new Promise((resolve) => setTimeout(resolve, 5));
    this.busy -= 1;
    const given = this.next.shift();
    if (given instanceof Response) return given;
    if (!this.signedIn) return problem(400, { code: "invalid_grant" });
    if (this.over) return problem(400, { code: "invalid_grant", reason: this.over });
    const tokens = this.tokens();
    if (given === "lost") throw new TypeError("network");
    return json(tokens);
  }

  private byMail(body: Record<string, unknown>): Response {
    const over = body.challenge === "none" || body.code === "999999";
    if (over) return problem(400, { code: "invalid_challenge" });
    if (body.code === "000000") return problem(400, { code: "invalid_code", attempts_left: 4 });
    this.signedIn = true;
    return json(this.tokens());
  }

  private tokens(): object {
    const token = `x.${btoa(JSON.stringify({ sub: "ada", n: ++this.made }))}.x`;
    this.valid.add(`Bearer ${token}`);
    return { access_token: token, token_type: "bearer", expires_in: this.life };
  }

  private allowed(call: Call): Response | undefined {
    return this.valid.has(call.headers.get("authorization") ?? "")
      ? undefined
      : problem(401, { code: "invalid_token" });
  }
}

export function json(body: object, status = 200): Response {
  return new Response(JSON.stringify(body), { status });
}

export function problem(status: number, members: object, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify({ status, detail: "No.", ...members }), { status, headers });
}
