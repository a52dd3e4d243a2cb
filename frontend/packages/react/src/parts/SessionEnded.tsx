"use client";

import { useMailLogin } from "@latchkey/client/react";
import { useEffect, useState, type ReactElement } from "react";
import { hasPassword, mailWayOf } from "../core/options.js";
import { useAuth, useSetting } from "../core/setting.js";
import { useSignIn } from "../hooks/useSignIn.js";
import { endingOf } from "../messages/table.js";
import { Dialog } from "../ui/Dialog.js";
import { PasswordField, Username } from "../ui/Fields.js";
import { Form, Submit } from "../ui/Form.js";
import { Link } from "../ui/Link.js";
import { Ways } from "../ui/Part.js";
import { Say } from "../ui/Say.js";
import { ByMail, PasskeyWay, SecondStep } from "./Moments.js";

/**
 * Logging in again over the page, which stays as it is with all that was typed into it: shown while the reader is away.
 * Nothing of the page can be seen or used before they are back; and whoever else logs in never sees it. However many of
 * these there are, one of them asks.
 */
export function SessionEnded(): ReactElement | null {
  const { user, away, ended } = useAuth();
  const { claim, claimed } = useSetting();
  const [one] = useState({});
  useEffect(() => claim(one), [claim, one]);
  return user && away && ended !== null && claimed === one ? <Again email={user.email} ended={ended} /> : null;
}

function Again({ email, ended }: { email: string; ended: string }): ReactElement {
  const { words, endings, asked, address, owed } = useSetting();
  const { letGo } = useAuth();
  const action = useSignIn();
  const way = mailWayOf(asked);
  const mail = useMailLogin(way ?? null);
  const password = hasPassword(asked);
  const [byMail, setByMail] = useState(false);
  const choose = (mailed: boolean): void => {
    address.set(email);
    setByMail(mailed);
  };
  return (
    <Dialog title={words.againTitle} text={endingOf(ended, endings)} covers>
      <p>
        <Say text={words.againText} values={{ email }} />
      </p>
      {owed ? (
        <SecondStep />
      ) : way && (byMail || !password) ? (
        <ByMail mail={mail} way={way} email={email} {...(password && { onPassword: () => choose(false) })} />
      ) : (
        password && (
          <Form id="again" action={action} onSubmit={(values) => void action.submit(email, values.text("password"))}>
            <Username value={email} />
            <PasswordField />
            <Submit>{words.logIn}</Submit>
          </Form>
        )
      )}
      {!owed && !byMail && <PasskeyWay />}
      <Ways>
        {way && password && !byMail && !owed && (
          <Link to={undefined} onPress={() => choose(true)}>
            {words.byMail}
          </Link>
        )}
        <Link to={undefined} onPress={letGo}>
          {words.againOther}
        </Link>
      </Ways>
    </Dialog>
  );
}
