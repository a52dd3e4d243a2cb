/**
 * A service in memory whose sessions are bound to keys, as the real one's are: it looks at each proof by itself, with
 * WebCrypto alone, and its refresh tokens rotate.
 */
import { json, problem } from "./service";

export const BASE = "https://id.example.com";
const MINUTE = 60;

interface Live {
  sub: string;
  /** The thumbprint of the key that it is bound to. */
  jkt: string | null;
  gen: number;
  /** The generation of which an access token was used. */
  ack: number;
}

export interface Seen {
  method: string;
  path: string;
  body: string;
  headers: Headers;
  status: number;
  /** What the proof says, if there was one. */
  proof?: Record<string, unknown>;
  jkt?: string;
}

type Shown = { jkt: string; said: Record<string, unknown> } | "invalid_dpop_proof" | "use_dpop_nonce";

const OPENS =
  /^\/api\/auth\/(login|email\/finish|passkeys|passkeys\/register|second-factor|second-factor\/enrol\/confirm|providers\/(\w+\/finish|link))$/;

export class Holders {
  readonly sessions = new Map<string, Live>();
  readonly seen: Seen[] = [];
  /** By how many seconds its clock is ahead, and whether its answers tell. */
  ahead = 0;
  tells = true;
  /** How many of the next answers get lost. */
  lose = 0;
  away = false;
  /** Whether it knows nothing of proofs, like one of an older version. */
  old = false;
  /** What log-ins owe, once: the answer says so, and opens nothing. */
  owed: string | null = null;
  nonce = "nonce-1";
  private readonly used = new Set<string>();
  private since = 0;
  private made = 0;

  readonly fetch = (async (input: string | Request, init: RequestInit = {}): Promise<Response> => {
    const request = typeof input === "string" ? new Request(input, plain(init)) : new Request(input, plain(init));
    const { pathname: path } = new URL(request.url);
    const seen: Seen = {
      method: request.method,
      path,
      body: await request.text(),
      headers: request.headers,
      status: 0,
    };
    this.seen.push(seen);
    if (this.away) throw new TypeError("Network request failed");
    const answer = await this.answer(request, seen);
    seen.status = answer.status;
    if (request.headers.has("DPoP") && !this.old) answer.headers.set("DPoP-Nonce", this.nonce);
    if (this.tells) answer.headers.set("Date", new Date(Date.now() + this.ahead * 1000).toUTCString());
    if (this.lose && answer.ok) {
      this.lose--;
      throw new TypeError("Network request failed");
    }
    return answer;
  }) as typeof fetch;

  /** Let every access token run out. */
  expire(): void {
    this.since = this.made + 1;
  }

  to(path: string): Seen[] {
    return this.seen.filter((one) => one.path === path);
  }

  private async answer(request: Request, seen: Seen): Promise<Response> {
    const { path, body } = seen;
    const [scheme = "", token = ""] = (request.headers.get("Authorization") ?? "").split(" ");
    const shown = this.old ? null : await this.shown(request, scheme === "DPoP" ? token : null, seen);
    if (typeof shown === "string") {
      if (scheme !== "DPoP") return problem(400, { code: shown, error: shown });
      return problem(401, { code: shown }, { "WWW-Authenticate": `DPoP error="${shown}", algs="ES256"` });
    }
    const jkt = shown?.jkt ?? null;
    if (request.headers.get("X-Session-Transport")) return problem(400, { code: "bad_request" });
    const given = JSON.parse(body || "{}") as { refresh_token?: string; email?: string };
    if (OPENS.test(path)) {
      if (given.email === "nobody@example.com") return problem(400, { code: "invalid_grant" });
      const { owed } = this;
      this.owed = null;
      if (owed) return problem(403, { code: owed, challenge: "lkc_challenge" });
      const sid = `s${++this.made}`;
      this.sessions.set(sid, { sub: given.email ?? "ada@example.com", jkt, gen: 1, ack: 0 });
      return this.tokens(sid);
    }
    if (path === "/api/auth/refresh") return this.refresh(given.refresh_token ?? "", jkt);
    if (path === "/api/auth/logout") {
      this.sessions.delete((given.refresh_token ?? "").split(".")[1] ?? "");
      return new Response(null, { status: 204 });
    }
    return this.call(path, scheme, token, jkt);
  }

  private call(path: string, scheme: string, token: string, jkt: string | null): Response {
    const [sid = "", gen, at] = token.split("#")[1]?.split(".") ?? [];
    const live = this.sessions.get(sid);
    const bound = live?.jkt ?? null;
    const right = live && Number(at) >= this.since && bound === jkt && (bound ? "DPoP" : "Bearer") === scheme;
    if (!right)
      return problem(401, { code: "invalid_token" }, { "WWW-Authenticate": `${scheme} error="invalid_token"` });
    live.ack = Math.max(live.ack, Number(gen));
    if (path === "/api/auth/logout-all") {
      this.sessions.clear();
      return new Response(null, { status: 204 });
    }
    if (path === "/api/auth/reauthenticate") return new Response(null, { status: 204 });
    return json({ id: live.sub, email: live.sub });
  }

  private refresh(token: string, jkt: string | null): Response {
    const [, sid = "", shown] = token.split(".");
    const live = this.sessions.get(sid);
    if (!live) return problem(400, { code: "invalid_grant", cause: "revoked" });
    if (live.jkt && live.jkt !== jkt) return problem(400, { code: "invalid_dpop_proof" });
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
    const { gen = 0, sub = "", jkt = null } = this.sessions.get(sid) ?? {};
    const claims = btoa(JSON.stringify({ sub, sid, gen, ...(jkt && { cnf: { jkt } }) }));
    const access_token = `x.${claims}.x#${sid}.${gen}.${++this.made}`;
    const token_type = jkt ? "DPoP" : "Bearer";
    return json({ access_token, refresh_token: `lkr.${sid}.${gen}`, token_type, expires_in: 900 });
  }

  /** Look at a proof (RFC 9449, section 4.3), if there is one. */
  private async shown(request: Request, token: string | null, seen: Seen): Promise<Shown | null> {
    const given = request.headers.get("DPoP");
    if (given === null) return token === null ? null : "invalid_dpop_proof";
    const [head = "", body = "", signature = ""] = given.split(".");
    const { typ, alg, jwk } = read(head) as { typ: string; alg: string; jwk: JsonWebKey & Record<string, unknown> };
    const said = read(body);
    const { crv, kty, x, y } = jwk;
    const jkt = await hash(JSON.stringify({ crv, kty, x, y }));
    Object.assign(seen, { proof: said, jkt });
    const key = await crypto.subtle.importKey("jwk", jwk, { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]);
    const signed = new TextEncoder().encode(`${head}.${body}`);
    const good = await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, bytes(signature), signed);
    const address = request.url.replace(/[?#].*/, "");
    const right = [
      good,
      typ === "dpop+jwt" && alg === "ES256" && !("d" in jwk),
      said.htm === request.method && said.htu === address,
      Math.abs(Number(said.iat) - Date.now() / 1000 - this.ahead) <= MINUTE,
      token === null ? !("ath" in said) : said.ath === (await hash(token)),
    ];
    if (!right.every(Boolean)) return "invalid_dpop_proof";
    if (said.nonce !== this.nonce) return "use_dpop_nonce";
    if (this.used.has(String(said.jti))) return "invalid_dpop_proof";
    this.used.add(String(said.jti));
    return { jkt, said };
  }
}

/** Signals of a test's window are none of Node's. */
const plain = (init: RequestInit): RequestInit => ({ ...init, signal: null });

function bytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
}

const read = (part: string) => JSON.parse(new TextDecoder().decode(bytes(part))) as Record<string, unknown>;

async function hash(what: string): Promise<string> {
  return Buffer.from(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(what))).toString("base64url");
}
