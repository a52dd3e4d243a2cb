// A page as somebody writes it who has installed the packages, and nothing of this repository.
import { createClient, ProblemError, sentenceOf } from "@latchkey/client";
import { de } from "@latchkey/client/de";
import { LatchkeyProvider, useSession } from "@latchkey/client/react";

export const client = createClient({ origins: ["https://api.example.com"] });

function Hello() {
  const session = useSession();
  if (session.status === "loading") return <p>One moment…</p>;
  if (session.status === "signed_out")
    return <p>{session.reason ? sentenceOf(session.reason, de) : "Please log in."}</p>;
  return <p>Hello, {session.user.email}</p>;
}

export function Page() {
  return (
    <LatchkeyProvider client={client}>
      <Hello />
    </LatchkeyProvider>
  );
}

export async function rename(full_name: string): Promise<string> {
  try {
    return (await client.call("PATCH", "/api/users/me", { body: { full_name } })).email;
  } catch (error) {
    return error instanceof ProblemError ? error.code : "unknown";
  }
}
