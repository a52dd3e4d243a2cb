"use client";

import { useState, type ReactElement } from "react";
import { useDoing, type Account } from "../../hooks/useAdmin.js";
import { fill } from "../../messages/table.js";
import { Button } from "../../ui/Button.js";
import { useClass } from "../../ui/classes.js";
import { Dialog } from "../../ui/Dialog.js";
import { TextField } from "../../ui/Fields.js";
import { Form, Submit, type Shown } from "../../ui/Form.js";
import { Card } from "../account/pieces.js";
import { useWords } from "./words.js";

/** Delete somebody: their address has to be typed, so that it is the right one who goes. */
export function DeleteUser({ user, onDeleted }: { user: Account; onDeleted: () => void }): ReactElement {
  const words = useWords();
  const c = useClass();
  const [asking, setAsking] = useState(false);
  const [mistyped, setMistyped] = useState<Pick<Shown, "fieldErrors"> | null>(null);
  const remove = useDoing(async (client) => {
    await client.call("DELETE", "/api/users/{user_id}", { path: { user_id: user.id } });
    onDeleted();
  });
  const close = (): void => {
    remove.clear();
    setMistyped(null);
    setAsking(false);
  };
  const send = (typed: string): void => {
    if (typed.toLowerCase() === user.email.toLowerCase()) {
      setMistyped(null);
      void remove.submit();
    } else {
      setMistyped({ fieldErrors: { confirmed: words.deleteOther } });
    }
  };
  return (
    <Card title={words.deleteUser} lead={words.deleteLead} look="danger">
      <div className={c("row")}>
        <Button look="danger" onClick={() => setAsking(true)}>
          {words.deleteUser}
        </Button>
      </div>
      {asking && (
        <Dialog title={fill(words.deleteTitle, { email: user.email })} text={words.deleteText} onClose={close}>
          <Form
            id="delete-user"
            action={{ ...remove, ...mistyped }}
            onSubmit={(values) => send(values.trimmed("confirmed"))}
          >
            <TextField
              name="confirmed"
              label={words.deleteWhom}
              hint={fill(words.deleteHint, { email: user.email })}
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              required
            />
            <div className={c("actions")}>
              <Button onClick={close}>{words.cancel}</Button>
              <Submit look="danger" wide={false}>
                {words.deleteForGood}
              </Submit>
            </div>
          </Form>
        </Dialog>
      )}
    </Card>
  );
}
