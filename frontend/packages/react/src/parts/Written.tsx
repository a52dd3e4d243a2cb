"use client";

import type { ReactElement } from "react";
import { useSetting, useWords } from "../core/setting.js";
import { send } from "../messages/send.js";
import { signUp } from "../messages/signUp.js";
import { Link } from "../ui/Link.js";
import { Part, Ways } from "../ui/Part.js";
import { Say } from "../ui/Say.js";
import { Title } from "../ui/Title.js";
import type { Back } from "./SignUp.js";

const WORDS = { ...send, ...signUp };

export interface WrittenProps {
  /** To which address. */
  to: string;
  /** The way back to the log-in. */
  back: Back;
}

/** Says that a letter is on its way to an address that has to be confirmed first. */
export function Written({ to, back }: WrittenProps): ReactElement {
  const words = useWords(WORDS);
  const { links } = useSetting();
  return (
    <Part>
      <Title>{words.lookForMail}</Title>
      <p role="status">
        <Say text={words.confirmSent} values={{ email: to }} />
      </p>
      <Ways>
        <Link {...back}>{words.toLogIn}</Link>
        {links.verifyEmail && <Link to={links.verifyEmail}>{words.nothingCame}</Link>}
      </Ways>
    </Part>
  );
}
