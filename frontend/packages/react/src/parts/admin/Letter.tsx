"use client";

/** The e-mail that gets a user in: that it was sent, and sending it once more. */
import { useState, type ReactElement } from "react";
import { useDoing, type Account } from "../../hooks/useAdmin.js";
import type { Action } from "../../hooks/useAction.js";
import { fill } from "../../messages/table.js";
import { Button } from "../../ui/Button.js";
import { useClass } from "../../ui/classes.js";
import { Notice, ProblemNotice } from "../../ui/Notice.js";
import { Said } from "../account/pieces.js";
import { useWords } from "./words.js";

/** What was sent, in words, and sending it. */
function useLetter(user: Account): Action<[]> & { said: string; saidOf: (letter: string) => string } {
  const words = useWords();
  const [sent, setSent] = useState<string | null>(null);
  const action = useDoing(async (client) => {
    setSent(null);
    const path = { user_id: user.id };
    setSent((await client.call("POST", "/api/users/{user_id}/letter", { path })).letter);
  });
  const saidOf = (letter: string): string => {
    const texts: Partial<Record<string, string>> = {
      set_password: words.sentSet,
      verify_address: words.sentVerify,
      reset_password: words.sentReset,
    };
    return fill(texts[letter] ?? words.sentOther, { email: user.email });
  };
  return { ...action, said: sent === null ? "" : saidOf(sent), saidOf };
}

/** Sends the e-mail once more that gets a user in. */
export function LetterAgain({ user }: { user: Account }): ReactElement {
  const words = useWords();
  const { submit, busy, problem, wait, said } = useLetter(user);
  return (
    <>
      <Button busy={busy} aria-disabled={wait > 0} onClick={() => void submit()}>
        {user.email_verified ? words.sendPassword : words.sendAgain}
      </Button>
      <div className="lk-whole">
        <Said>{said && <p>{said}</p>}</Said>
        {problem && <ProblemNotice problem={problem} wait={wait} />}
      </div>
    </>
  );
}

/** What has just been done for a new user, and what to do where it didn't arrive. */
export function LetterSent({ user, letter }: { user: Account; letter: string }): ReactElement {
  const words = useWords();
  const c = useClass();
  const { submit, busy, problem, wait, said, saidOf } = useLetter(user);
  return (
    <>
      <Notice look="success" title={fill(words.created, { email: user.email })}>
        <p>{saidOf(letter)}</p>
        <div className={c("row")}>
          <Button busy={busy} aria-disabled={wait > 0} onClick={() => void submit()}>
            {words.sendItAgain}
          </Button>
        </div>
      </Notice>
      <Said>{said && <p>{said}</p>}</Said>
      {problem && <ProblemNotice problem={problem} wait={wait} />}
    </>
  );
}
