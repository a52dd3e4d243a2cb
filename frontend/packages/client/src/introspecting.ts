/** Whether a token is good at this moment, asked of the service itself (RFC 7662). */
import { Answers, type Answer } from "./answers.js";
import { type Authenticates, type Claims, InvalidToken, partsOf, tokenOf } from "./bearer.js";
import { isAlone } from "./keys.js";
import { Unavailable } from "./unavailable.js";

/** What the service says of a token that is good now: the token's claims, with how the session stands now. */
export interface Introspected extends Claims {
  /** The user's e-mail address. */
  username?: string;
  /** What the user may do, words with spaces between: `superuser`, or none. */
  scope?: string;
  client_id?: string;
}

export interface Introspector extends Authenticates<Introspected> {
  /** What the service says of a token. Rejects with `InvalidToken`, and with `IntrospectionUnavailable`. */
  introspect(token: string): Promise<Introspected>;
}

/** It can't be known whether a token is good: the service doesn't answer, or not to this client. Answer 503, never 401. */
export class IntrospectionUnavailable extends Unavailable {
  override readonly name = "IntrospectionUnavailable";
}

export interface ClientOptions {
  /** PUBLIC_URL of the service. */
  issuer?: string;
  /** Where to ask, if this server reaches the service by another address than the issuer's. One of the two is needed. */
  introspectionUrl?: string;
  /** As `latchkey clients add NAME --resource-server` has said them. */
  clientId: string;
  clientSecret: string;
  fetch?: typeof fetch;
  /** The clock, in milliseconds. */
  now?: () => number;
}

export interface IntrospectorOptions extends ClientOptions {
  /** For how long an answer counts, 2 by default, and 0 to ask each time: for so long an ended session may be let in. */
  cacheSeconds?: number;
  /** How many answers are kept, 10,000 by default. */
  most?: number;
}

/** Make one for the whole process: it keeps the answers. */
export function createIntrospector(options: IntrospectorOptions): Introspector {
  const { authenticate, introspect } = new Introspection({ ...options, cacheSeconds: options.cacheSeconds ?? 2 });
  return { authenticate, introspect }; // what prints it prints no secret
}

/** Where to ask. */
export function addressOf({ issuer, introspectionUrl }: ClientOptions): string {
  if (introspectionUrl) return introspectionUrl;
  if (issuer) return `${issuer.replace(/\/+$/, "")}/oauth/introspect`;
  throw new TypeError("issuer or introspectionUrl is needed");
}

/** `Authorization` of a client (RFC 6749, section 2.3.1: each half is form-encoded first). */
export function basic({ clientId, clientSecret }: ClientOptions): string {
  const [id, secret] = [clientId, clientSecret].map((half) => new URLSearchParams([["", half]]).toString().slice(1));
  return `Basic ${btoa(`${id}:${secret}`)}`;
}

/** Why an answer is none: what went wrong, and for how long it probably will. */
export async function refused(response: Response): Promise<IntrospectionUnavailable> {
  const body: unknown = await response.json().catch(() => null);
  const { error = "" } = (body ?? {}) as { error?: unknown };
  const wait = Number(response.headers.get("retry-after") ?? NaN);
  const said = `The service answered ${response.status} ${typeof error === "string" ? error : ""}`.trim();
  return new IntrospectionUnavailable(said, undefined, wait >= 0 ? wait : undefined);
}

const ANSWER_WITHIN = 5_000;
/** What is refused stays so: nobody is asked about it more than once a second. */
const REFUSED_FOR = 1_000;
/** After nothing has come in time, not everybody waits for as long. */
const PAUSE_AFTER_SILENCE = 1_000;
/** A client that isn't taken won't be in a moment; asking again and again would be taken for guessing. */
const PAUSE_OF_THE_REFUSED = 5_000;
const LONGEST_PAUSE = 60_000;

/** A question that is under way, and what was heard meanwhile. */
interface Question {
  answer: Promise<Introspected>;
  /** Sessions and users. */
  ended: Set<string>;
  doubted: Set<string>;
}

export class Introspection implements Introspector {
  private readonly url: string;
  private readonly answers: Answers;
  private readonly refusals = new Map<string, number>(); // until when, by token
  private readonly questions = new Map<string, Question>();
  private readonly most: number;
  private pause: { until: number; error: Unavailable } | undefined;

  /** `hearing` says during which time of hearing it is now; null: nobody would tell of an end. */
  constructor(
    private readonly options: IntrospectorOptions,
    private readonly hearing: () => number | null = () => null,
  ) {
    this.url = addressOf(options);
    if (!options.clientId || !options.clientSecret) throw new TypeError("clientId and clientSecret are needed");
    this.most = Math.max(options.most ?? 10_000, 1);
    this.answers = new Answers(this.most);
  }

  authenticate = async (request: Parameters<Introspector["authenticate"]>[0]): Promise<Introspected> =>
    this.introspect(tokenOf(request));

  introspect = async (token: string): Promise<Introspected> => {
    partsOf(token);
    const name = await fingerprint(token);
    const kept = this.kept(name);
    if (kept) return kept;
    const running = isAlone() ? undefined : this.questions.get(name);
    return running ? running.answer : this.ask(name, token).answer;
  };

  /** The session is over. */
  end(session: string): void {
    this.answers.end(session);
    for (const question of this.questions.values()) question.ended.add(session);
  }

  /** Something has become of the user, or of one of their sessions. */
  doubt(user: string): void {
    this.answers.doubt(user);
    for (const question of this.questions.values()) question.doubted.add(user);
  }

  private kept(name: string): Introspected | undefined {
    const answer = this.answers.get(name);
    const time = performance.now();
    if (answer && this.clock() < answer.claims.exp * 1000) {
      if (answer.ended) throw new InvalidToken("inactive");
      if (time < answer.until || (answer.heard !== null && answer.heard === this.hearing())) return answer.claims;
    }
    if (time < (this.refusals.get(name) ?? 0)) throw new InvalidToken("inactive");
    return undefined;
  }

  private ask(name: string, token: string): Question {
    const question: Question = { answer: Promise.resolve() as never, ended: new Set(), doubted: new Set() };
    question.answer = this.answered(name, token, question).finally(() => {
      if (this.questions.get(name) === question) this.questions.delete(name);
    });
    this.questions.set(name, question);
    return question;
  }

  private async answered(name: string, token: string, question: Question): Promise<Introspected> {
    const heard = this.hearing();
    const asked = performance.now();
    const claims = await this.said(token);
    if (claims && question.doubted.has(claims.sub) && !question.ended.has(claims.sid)) {
      question.doubted.clear(); // the answer may be from before
      return this.answered(name, token, question);
    }
    if (!claims) {
      this.answers.drop(name);
      this.refuse(name);
      throw new InvalidToken("inactive");
    }
    const until = asked + (this.options.cacheSeconds ?? 0) * 1000;
    const answer: Answer = { claims, until, heard, ended: question.ended.has(claims.sid) };
    if (heard !== null || this.options.cacheSeconds) this.answers.keep(name, answer);
    if (answer.ended) throw new InvalidToken("inactive");
    return claims;
  }

  /** Ask, and once more where the connection was lost on the way: a question changes nothing. Null: it isn't good. */
  private async said(token: string): Promise<Introspected | null> {
    if (this.pause && performance.now() < this.pause.until) throw this.pause.error;
    const response = await this.post(token)
      .catch((error: unknown) => {
        if (isLate(error)) throw error;
        return this.post(token);
      })
      .catch((error: unknown) => {
        const unavailable = new IntrospectionUnavailable("The service doesn't answer", { cause: error });
        if (isLate(error)) this.rest(PAUSE_AFTER_SILENCE, unavailable);
        throw unavailable;
      });
    if (response.status === 200) return claimsOf(response);
    const error = await refused(response);
    if (response.status === 429) this.rest(error.retryAfter * 1000, error);
    else if (response.status < 500) this.rest(PAUSE_OF_THE_REFUSED, error);
    throw error;
  }

  private post(token: string): Promise<Response> {
    const headers = { Accept: "application/json", Authorization: basic(this.options) };
    // Not followed elsewhere: the secret goes nowhere else.
    const signal = AbortSignal.timeout(ANSWER_WITHIN);
    const body = new URLSearchParams({ token });
    return (this.options.fetch ?? fetch)(this.url, { method: "POST", headers, body, redirect: "manual", signal });
  }

  private refuse(name: string): void {
    if (this.refusals.size >= this.most) this.refusals.clear();
    this.refusals.set(name, performance.now() + REFUSED_FOR);
  }

  private rest(milliseconds: number, error: Unavailable): void {
    this.pause = { until: performance.now() + Math.min(milliseconds, LONGEST_PAUSE), error };
  }

  private clock(): number {
    return (this.options.now ?? Date.now)();
  }
}

/** What stands for a token: nobody finds the token itself in memory that was written out. */
async function fingerprint(token: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token));
  return String.fromCharCode(...new Uint8Array(digest));
}

const isLate = (error: unknown) => (error as Error | null)?.name === "TimeoutError";

/** Read an answer; null where the token isn't good. */
async function claimsOf(response: Response): Promise<Introspected | null> {
  const body = (await response.json().catch(() => null)) as (Introspected & { active?: unknown }) | null;
  if (body?.active === false) return null;
  const whole =
    body?.active === true && [body.sub, body.sid].every((id) => typeof id === "string") && typeof body.exp === "number";
  if (!whole) throw new IntrospectionUnavailable("The service's answer is none");
  return body;
}
