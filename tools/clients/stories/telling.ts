// What the stories of OAuth 2's libraries have in common: what they are given, and how they tell what they saw.
export interface Given {
  /** PUBLIC_URL of a service, and of one that is below a path. */
  issuer: string;
  below: string;
  audience: string;
  password: string;
  /** Who is there: somebody, somebody with a second factor, and somebody whom guesses are made about. */
  person: string;
  factor: string;
  guessed: string;
  /** A session of the person's, of before Redis went away. */
  access_token: string;
  refresh_token: string;
  /** A service that may ask about tokens. */
  client_id: string;
  client_secret: string;
  /** Whether Redis is away. */
  away: boolean;
}

const [, , text] = process.argv;
if (!text) throw new Error("usage: story GIVEN");
export const given = JSON.parse(text) as Given;

/** Tell what `work` saw: it throws where that isn't right. */
export async function cell(name: string, work: () => Promise<string>): Promise<void> {
  const line = await work().then(
    (saw) => ({ cell: name, saw, right: true }),
    (error: unknown) => ({ cell: name, saw: told(error), right: false }),
  );
  console.log(JSON.stringify(line));
}

function told(error: unknown): string {
  const { status, error: word } = error as { status?: number; error?: string };
  return [String(error), status, word].filter((part) => part !== undefined).join(" ");
}

export function hold(truth: boolean, what: string): void {
  if (!truth) throw new Error(`${what} is not as it should be`);
}

/** What `work` is refused with. */
export async function refused(work: () => Promise<unknown>): Promise<unknown> {
  const done = await work().then(
    (answer) => ({ answer, error: undefined }),
    (error: unknown) => ({ answer: undefined, error }),
  );
  if (done.error === undefined) throw new Error(`it was let through: ${JSON.stringify(done.answer)?.slice(0, 200)}`);
  return done.error;
}
