"use client";

import type { ReactElement } from "react";
import { useSetting, useWords } from "../core/setting.js";
import { send } from "../messages/send.js";
import { signUp } from "../messages/signUp.js";
import { Link } from "../ui/Link.js";
import { Notice } from "../ui/Notice.js";
import { Part, Ways } from "../ui/Part.js";
import { Say } from "../ui/Say.js";
import { Title } from "../ui/Title.js";
import type { Back } from "./SignUp.js";

const WORDS = { ...send, ...signUp };

export interface InsteadProps {
  /** To which address a letter is on its way; null where nobody gets an account here. */
  writtenTo: string | null;
  /** The way back to the log-in. */
  back: Back;
}

/** In the place of the form for a new account: that its address is to be confirmed first, or that there are no new ones. */
export function Instead({ writtenTo, back }: InsteadProps): ReactElement {
  const words = useWords(WORDS);
  const { links } = useSetting();
  return (
    <Part>
      {writtenTo === null ? (
        <>
          <Title>{words.register}</Title>
          <Notice title={words.closed}>
            <p>{words.closedText}</p>
          </Notice>
        </>
      ) : (
        <>
          <Title>{words.lookForMail}</Title>
          <p role="status">
            <Say text={words.confirmSent} values={{ email: writtenTo }} />
          </p>
        </>
      )}
      <Ways>
        <Link {...back}>{words.toLogIn}</Link>
        {writtenTo !== null && links.verifyEmail && <Link to={links.verifyEmail}>{words.nothingCame}</Link>}
      </Ways>
    </Part>
  );
}
