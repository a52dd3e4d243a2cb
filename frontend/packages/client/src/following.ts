/** Hears of sessions that end, as long as they do: what was asked once counts until its session ends. */
import {
  addressOf,
  basic,
  Introspection,
  IntrospectionUnavailable,
  refused,
  type Introspector,
  type IntrospectorOptions,
} from "./introspecting.js";
import { read, type Said } from "./sse.js";
import { pause, within } from "./within.js";

export interface FollowerOptions extends IntrospectorOptions {
  /** Where endings are told, if not beside the introspection. */
  revocationsUrl?: string;
  /** For how long an answer counts while nothing is heard: 0 by default, so that every call asks. */
  cacheSeconds?: number;
  /** Hears why endings can't be heard at the moment, each time that is tried in vain: for a log. */
  onTrouble?: (error: unknown) => void;
}

export interface Follower extends Introspector {
  /** Whether endings are heard at this moment: as long as they aren't, every call asks. */
  readonly hearing: boolean;
  /** Hear no more; what was kept is asked for anew. */
  stop(): void;
}

/** The service says something twice a second: this silent, nobody knows what it would have said. */
const SILENCE = 1_000;
const ANSWER_WITHIN = 5_000;
const SHORTEST = 100;
const LONGEST = 5_000;
const LONGEST_ASKED_FOR = 60_000; // whatever is asked for

/**
 * Make one for the whole process, and stop it with the process.
 *
 * A token is asked about once. As long as the stream of endings (`GET /oauth/revocations`) is heard, the answer counts until
 * its session ends or the token expires; an ended session is refused without a question. Without the stream, each call asks.
 */
export function followRevocations(options: FollowerOptions): Follower {
  const ear = new Ear();
  const introspection = new Introspection(options, () => ear.hearing());
  const stopped = new AbortController();
  const url = options.revocationsUrl ?? new URL("revocations", addressOf(options)).href;
  void follow(url, options, ear, introspection, stopped.signal);
  return {
    authenticate: introspection.authenticate,
    introspect: introspection.introspect,
    get hearing() {
      return ear.hearing() !== null;
    },
    stop: () => {
      stopped.abort();
      ear.lose();
    },
  };
}

/** Since when everything was heard without a gap, if it still is. */
class Ear {
  private heardAt: number | null = null;
  private time = 0;

  /** During which time without a gap it is now; null where nothing is heard. */
  hearing(): number | null {
    return this.heardAt !== null && performance.now() - this.heardAt < SILENCE ? this.time : null;
  }

  /** The connection lives. `all`: and everything that was missed has been told. */
  hears(all: boolean): void {
    if (all || this.heardAt !== null) this.heardAt = performance.now();
  }

  lose(): void {
    this.heardAt = null;
  }

  /** Something may have been missed. */
  begin(): void {
    this.time++;
  }
}

async function follow(
  url: string,
  options: FollowerOptions,
  ear: Ear,
  introspection: Introspection,
  signal: AbortSignal,
): Promise<void> {
  const over = () => signal.aborted;
  let id = "";
  for (let delay = SHORTEST; !over(); delay = Math.min(delay * 2, LONGEST)) {
    let least = 0;
    try {
      await within(ANSWER_WITHIN, signal, async (signal, clock) => {
        const response = await open(url, id, options, signal);
        if (response.status !== 200 || !response.body) {
          const error = await refused(response);
          least = Math.min(error.retryAfter * 1000, LONGEST_ASKED_FOR);
          throw error;
        }
        if (!response.headers.get("content-type")?.startsWith("text/event-stream")) {
          await response.body.cancel();
          throw new IntrospectionUnavailable("There is no stream of endings");
        }
        clock(SILENCE);
        if (!id) ear.begin(); // nothing to go on from
        const alive = () => {
          signal.throwIfAborted();
          clock(SILENCE);
          ear.hears(false);
        };
        for await (const said of read(response.body, id, alive)) {
          id = said.id;
          take(said, ear, introspection);
          if (said.event === null) delay = SHORTEST;
        }
        throw new IntrospectionUnavailable("The stream of endings was closed");
      });
    } catch (error) {
      ear.lose();
      if (!over()) options.onTrouble?.(error);
    }
    if (!over()) await pause(Math.max(delay * (1 + Math.random()), least), signal);
  }
}

function open(url: string, id: string, options: FollowerOptions, signal: AbortSignal): Promise<Response> {
  const headers = {
    Accept: "text/event-stream",
    Authorization: basic(options),
    ...(id && { "Last-Event-ID": id }),
  };
  // Not followed elsewhere: the secret goes nowhere else.
  return (options.fetch ?? fetch)(url, { headers, redirect: "manual", cache: "no-store", signal });
}

/** A comment comes when all that was missed has been told. An ending that can't be read may be anybody's. */
function take({ event, data }: Said, ear: Ear, introspection: Introspection): void {
  if (event === null) return ear.hears(true);
  if (event === "forget") return ear.begin();
  if (event !== "ended") return;
  const { sub, sid } = parsed(data);
  if (typeof sid === "string") introspection.end(sid);
  else if (typeof sub === "string") introspection.doubt(sub);
  else ear.begin();
}

function parsed(data: string): { sub?: unknown; sid?: unknown } {
  try {
    return (JSON.parse(data) ?? {}) as object;
  } catch {
    return {};
  }
}
