/** The service as other services meet it: answers about tokens, and a stream of endings, both under the test's hand. */
import type { Introspected } from "../src/server";

export const ISSUER = "https://id.example.com";
export const CLIENT = { issuer: ISSUER, clientId: "rs_a", clientSecret: "lks_s:e c&r+t" };

/** A token as it looks, nothing more. */
export const token = (name: string) => `e30.${name}.${"A".repeat(86)}`;
export const bearer = (name: string) => ({ headers: { authorization: `Bearer ${token(name)}` } });

export interface Asked {
  url: string;
  init: RequestInit;
  about: string;
}

export class Latchkey {
  readonly asked: Asked[] = [];
  readonly streams: Stream[] = [];
  /** Who is signed in, by their token's name. */
  readonly sessions = new Map<string, Partial<Introspected>>([
    ["ada", { sub: "u-ada", sid: "s-ada" }],
    ["ada2", { sub: "u-ada", sid: "s-ada2" }],
    ["eve", { sub: "u-eve", sid: "s-eve" }],
  ]);
  /** What is answered in place of the truth; each once. */
  readonly instead: (() => Response | Promise<Response>)[] = [];
  /** The same for the stream. */
  readonly noStream: (() => Response | Promise<Response>)[] = [];

  readonly fetch = ((url: string, init: RequestInit) => {
    if (url.endsWith("/revocations")) return this.open(url, init);
    const about = (init.body as URLSearchParams).get("token") ?? "";
    this.asked.push({ url, init, about });
    return Promise.resolve(this.instead.shift()?.() ?? this.say(about));
  }) as typeof fetch;

  say(about: string): Response {
    const session = this.sessions.get(about.split(".")[1] ?? "");
    if (!session) return Response.json({ active: false });
    const exp = Math.floor(Date.now() / 1000) + 900;
    return Response.json({ active: true, iss: ISSUER, aud: "latchkey", iat: exp - 900, exp, scope: "", ...session });
  }

  get stream(): Stream {
    const last = this.streams.at(-1);
    if (!last) throw new Error("nobody listens");
    return last;
  }

  private open(url: string, init: RequestInit): Promise<Response> {
    const instead = this.noStream.shift();
    const stream = new Stream(url, init);
    stream.taken = !instead;
    this.streams.push(stream);
    return Promise.resolve(instead?.() ?? stream.response);
  }
}

/** One connection of a follower's. */
export class Stream {
  readonly headers: Record<string, string>;
  readonly response: Response;
  private control!: ReadableStreamDefaultController<Uint8Array>;
  closed = false;
  /** Whether it was answered with. */
  taken = false;

  constructor(
    readonly url: string,
    readonly init: RequestInit,
  ) {
    this.headers = init.headers as Record<string, string>;
    const body = new ReadableStream<Uint8Array>({
      start: (control) => {
        this.control = control;
      },
      cancel: () => {
        this.closed = true;
      },
    });
    init.signal?.addEventListener("abort", () => {
      if (!this.closed) this.control.error(init.signal?.reason);
      this.closed = true;
    });
    this.response = new Response(body, { headers: { "Content-Type": "text/event-stream; charset=utf-8" } });
  }

  send(text: string | Uint8Array): void {
    this.control.enqueue(typeof text === "string" ? new TextEncoder().encode(text) : text);
  }

  beat(id?: string): void {
    this.send(id === undefined ? ":\n\n" : `:\nid: ${id}\n\n`);
  }

  ended(data: object, id = "1-0"): void {
    this.send(`event: ended\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  forget(id = "0-0"): void {
    this.send(`event: forget\nid: ${id}\ndata: {}\n\n`);
  }

  close(): void {
    this.closed = true;
    this.control.close();
  }
}
