import type { ReactElement } from "react";
import { Button } from "../../components/Button";
import { Notice } from "../../components/Notice";
import { ProblemNotice } from "../../components/ProblemNotice";
import { useToast } from "../../contexts/ToastContext";
import { useSubmit, type Submit } from "../../lib/useSubmit";
import type { User } from "../../services/types";
import userService from "../../services/userService";

const LINKS: Readonly<Partial<Record<string, string>>> = {
  set_password: "a link to choose a password",
  verify_address: "a link to confirm the address",
  reset_password: "a link to choose another password",
};

/** What an e-mail that the service sends is for. */
function linkOf(letter: string): string {
  return LINKS[letter] ?? "what it takes to log in";
}

function useLetter(user: User): Submit<[]> {
  const toast = useToast();
  return useSubmit(async () => {
    toast(`An e-mail with ${linkOf(await userService.sendLetter(user.id))} is on its way to ${user.email}.`);
  });
}

/** Sends the e-mail once more that gets a user in. */
export function LetterAgain({ user }: { user: User }): ReactElement {
  const { submit, busy, problem } = useLetter(user);
  return (
    <>
      <Button busy={busy} onClick={() => submit()}>
        {user.email_verified ? "Send a password link" : "Send the e-mail again"}
      </Button>
      {problem && (
        <div className="row__wide">
          <ProblemNotice problem={problem} />
        </div>
      )}
    </>
  );
}

/** What has just been done for a new user, and what to do where it didn't arrive. */
export function LetterSent({ user, letter }: { user: User; letter: string }): ReactElement {
  const { submit, busy, problem } = useLetter(user);
  return (
    <>
      <Notice look="success" title="The account is there">
        <p>
          An e-mail with {linkOf(letter)} is on its way to {user.email}.
        </p>
        <div className="notice__actions">
          <Button busy={busy} onClick={() => submit()}>
            Send it again
          </Button>
        </div>
      </Notice>
      {problem && <ProblemNotice problem={problem} />}
    </>
  );
}
