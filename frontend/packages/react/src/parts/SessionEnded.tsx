"use client";

import { useEffect, useState, type ReactElement } from "react";
import { useAuth, useSetting } from "../core/setting.js";
import { useSignIn } from "../hooks/useSignIn.js";
import { endingOf } from "../messages/table.js";
import { Dialog } from "../ui/Dialog.js";
import { Form, PasswordField, Submit, Username } from "../ui/Form.js";
import { Link } from "../ui/Link.js";
import { Ways } from "../ui/Part.js";
import { Say } from "../ui/Say.js";

/**
 * Logging in again over the page, which stays as it is with all that was typed into it: shown while the reader is away.
 * Nothing of the page can be seen or used before they are back. However many of these there are, one of them asks.
 */
export function SessionEnded(): ReactElement | null {
  const { user, away, ended, letGo } = useAuth();
  const { words, endings, claim, claimed } = useSetting();
  const [one] = useState({});
  const action = useSignIn();
  useEffect(() => claim(one), [claim, one]);
  if (!user || !away || ended === null || claimed !== one) return null;
  return (
    <Dialog title={words.againTitle} text={endingOf(ended, endings)} covers>
      <Form id="again" action={action} onSubmit={(values) => void action.submit(user.email, values.text("password"))}>
        <p>
          <Say text={words.againText} values={{ email: user.email }} />
        </p>
        <Username value={user.email} />
        <PasswordField />
        <Submit>{words.logIn}</Submit>
      </Form>
      <Ways>
        <Link to={undefined} onPress={letGo}>
          {words.againOther}
        </Link>
      </Ways>
    </Dialog>
  );
}
