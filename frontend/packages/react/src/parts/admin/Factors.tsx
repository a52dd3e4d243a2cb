"use client";

/** For administrators: what a user has besides, or instead of, a password; and how all of it is taken away. */
import type { components } from "@latchkey/client";
import { useState, type ReactElement } from "react";
import { useKept } from "../../core/kept.js";
import { useSetting } from "../../core/setting.js";
import { spoken, useSecondWords } from "../../core/spoken.js";
import { useDoing, type Account } from "../../hooks/useAdmin.js";
import { factors as messages } from "../../messages/factors.js";
import { fill } from "../../messages/table.js";
import { Button } from "../../ui/Button.js";
import { useClass } from "../../ui/classes.js";
import { Dialog } from "../../ui/Dialog.js";
import { TextField } from "../../ui/Fields.js";
import { Form, Submit, type Shown } from "../../ui/Form.js";
import { Say } from "../../ui/Say.js";
import { FullTime } from "../../ui/Time.js";
import { Card, Loaded, Said } from "../account/pieces.js";
import { Linked } from "./Linked.js";
import { useWords } from "./words.js";

type Schemas = components["schemas"];

export interface UserFactorsProps {
  user: Account;
  onChange: () => Promise<void>;
}

function All({ user, onChange }: UserFactorsProps): ReactElement {
  const { client } = useSetting();
  const words = useSecondWords(messages);
  const c = useClass();
  const path = { user_id: user.id };
  const { data, ...kept } = useKept(`user-factors ${user.id}`, () =>
    client.call("GET", "/api/users/{user_id}/factors", { path }),
  );
  const [asking, setAsking] = useState(false);
  const [receipt, setReceipt] = useState<Schemas["FactorResetResponse"] | null>(null);
  const none = data !== undefined && !data.totp && data.passkeys.length === 0 && data.recovery_codes.left === 0;
  return (
    <Card title={words.userFactors}>
      <Said>
        {receipt && (
          <p>
            {fill(words.wipeDone, {
              what: receipt.factors.map((kind) => nameOf(kind, words)).join(", ") || words.wipeNothing,
              codes: receipt.recovery_codes,
              devices: receipt.trusted_devices,
              sessions: receipt.sessions,
            })}
          </p>
        )}
      </Said>
      <Loaded of={kept} rows={1}>
        {data && (
          <div className={c("stack")}>
            {none ? (
              <p>{words.userNone}</p>
            ) : (
              <ul>
                {data.totp && (
                  <li>
                    <Say text={words.userApp} values={{ since: <FullTime at={data.totp.created_at} /> }} />
                  </li>
                )}
                {data.passkeys.map((key) => (
                  <li key={key.id}>
                    <Say text={words.userKey} values={{ name: key.name, since: <FullTime at={key.created_at} /> }} />
                    {key.suspended_at !== null && <span>{` (${words.keySuspended})`}</span>}
                  </li>
                ))}
                <li>{fill(words.userCodes, { left: data.recovery_codes.left })}</li>
              </ul>
            )}
            {!none && (
              <div className={c("row")}>
                <Button look="danger" onClick={() => setAsking(true)}>
                  {words.wipeFactors}
                </Button>
              </div>
            )}
          </div>
        )}
      </Loaded>
      {asking && (
        <Wipe
          user={user}
          onClose={() => setAsking(false)}
          onDone={async (done) => {
            setAsking(false);
            setReceipt(done);
            await Promise.all([kept.reload(), onChange()]);
          }}
        />
      )}
    </Card>
  );
}

function nameOf(kind: string, words: { factor: string; keys: string }): string {
  return kind === "totp" ? words.factor : kind === "passkey" ? words.keys : kind;
}

interface WipeProps {
  user: Account;
  onClose: () => void;
  onDone: (receipt: Schemas["FactorResetResponse"]) => Promise<void>;
}

/** Take all of it away: their address has to be typed, so that it is the right one's. */
function Wipe({ user, onClose, onDone }: WipeProps): ReactElement {
  const words = useSecondWords(messages);
  const admin = useWords();
  const c = useClass();
  const [mistyped, setMistyped] = useState<Pick<Shown, "fieldErrors"> | null>(null);
  const wipe = useDoing(
    async (client, reason: string) => {
      const path = { user_id: user.id };
      await onDone(await client.call("DELETE", "/api/users/{user_id}/factors", { path, body: { reason } }));
    },
    { fields: ["reason"] },
  );
  const close = (): void => {
    wipe.clear();
    onClose();
  };
  return (
    <Dialog title={fill(words.wipeTitle, { email: user.email })} text={words.wipeText} onClose={close}>
      <Form
        id="wipe-factors"
        action={{ ...wipe, ...mistyped }}
        onSubmit={(values) => {
          if (values.trimmed("confirmed").toLowerCase() === user.email.toLowerCase()) {
            setMistyped(null);
            void wipe.submit(values.trimmed("reason"));
          } else {
            setMistyped({ fieldErrors: { confirmed: admin.deleteOther } });
          }
        }}
      >
        <TextField name="reason" label={words.wipeReason} maxLength={200} autoComplete="off" required />
        <TextField
          name="confirmed"
          label={admin.deleteWhom}
          hint={fill(words.wipeHint, { email: user.email })}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          required
        />
        <div className={c("actions")}>
          <Button onClick={close}>{admin.cancel}</Button>
          <Submit look="danger" wide={false}>
            {words.wipeFactors}
          </Submit>
        </div>
      </Form>
    </Dialog>
  );
}

const SecondFactors = spoken(All);

/** All that opens a user's account besides a password. */
export function Factors(props: UserFactorsProps): ReactElement {
  return (
    <>
      <SecondFactors {...props} />
      <Linked user={props.user} />
    </>
  );
}
