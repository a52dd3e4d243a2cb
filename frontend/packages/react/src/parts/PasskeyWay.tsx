"use client";

import type { ReactElement } from "react";
import { spoken, useSecondWords } from "../core/spoken.js";
import { usePasskeyAutofill, usePasskeyLogin } from "../hooks/usePasskeys.js";
import { second } from "../messages/second.js";
import { Button } from "../ui/Button.js";
import { ProblemNotice } from "../ui/Notice.js";
import { withWords } from "./keyProblem.js";

/** Log in with a passkey: by this button, or by what the browser offers in the field for the address. */
function Way(): ReactElement {
  const words = useSecondWords(second);
  const pressed = usePasskeyLogin();
  const picked = usePasskeyAutofill();
  const shown = pressed.problem ? pressed : picked;
  const problem = withWords(shown.problem, words);
  return (
    <>
      <div role="alert" className="lk-region">
        {problem && !pressed.busy && !picked.busy && (
          <ProblemNotice problem={problem} wait={shown.wait} announce={false} />
        )}
      </div>
      <Button
        wide
        busy={pressed.busy || picked.busy}
        aria-disabled={pressed.wait > 0}
        onClick={() => {
          picked.clear();
          void pressed.submit();
        }}
      >
        {words.byPasskey}
      </Button>
    </>
  );
}

export const PasskeyWay = spoken(Way, null);
