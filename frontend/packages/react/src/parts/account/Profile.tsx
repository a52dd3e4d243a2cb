"use client";

import type { User } from "@latchkey/client";
import { useState, type ReactElement } from "react";
import { useWords } from "../../core/setting.js";
import { useProfile, type Profile as Own } from "../../hooks/useAccount.js";
import { account } from "../../messages/account.js";
import { send } from "../../messages/send.js";
import { fill } from "../../messages/table.js";
import { Button } from "../../ui/Button.js";
import { useClass } from "../../ui/classes.js";
import { EmailField, TextField } from "../../ui/Fields.js";
import { Form, Submit } from "../../ui/Form.js";
import { Notice, ProblemNotice } from "../../ui/Notice.js";
import { FullTime } from "../../ui/Time.js";
import { Badge, Card, Said, Section } from "./pieces.js";

const WORDS = { ...account, ...send };

/** The reader's name and address. */
export function Profile(): ReactElement {
  const words = useWords(account);
  const own = useProfile();
  const { user } = own;
  const c = useClass();
  return (
    <Section title={words.profile} lead={words.profileLead}>
      {user && (
        <>
          <Name user={user} rename={own.rename} />
          <Address user={user} change={own.changeEmail} resend={own.resend} />
          <Card title={words.account}>
            <dl className={c("facts")}>
              <dt>{words.since}</dt>
              <dd>
                <FullTime at={user.created_at} />
              </dd>
              <dt>{words.role}</dt>
              <dd>{user.is_superuser ? words.administrator : words.user}</dd>
              <dt>{words.id}</dt>
              <dd>
                <code>{user.id}</code>
              </dd>
            </dl>
          </Card>
        </>
      )}
    </Section>
  );
}

function Name({ user, rename }: { user: User; rename: Own["rename"] }): ReactElement {
  const words = useWords(account);
  const c = useClass();
  const [saved, setSaved] = useState(false);
  return (
    <Card title={words.name}>
      <Form
        id="name"
        action={rename}
        asksToLeave
        onSubmit={(values) => {
          setSaved(false);
          void rename.submit(values.text("full_name")).then(setSaved);
        }}
      >
        <TextField name="full_name" label={words.fullName} autoComplete="name" defaultValue={user.full_name ?? ""} />
        <Said>{saved && <p>{words.nameSaved}</p>}</Said>
        <div className={c("row")}>
          <Submit wide={false}>{words.saveName}</Submit>
        </div>
      </Form>
    </Card>
  );
}

interface AddressProps {
  user: User;
  change: Own["changeEmail"];
  resend: Own["resend"];
}

function Address({ user, change, resend }: AddressProps): ReactElement {
  const words = useWords(WORDS);
  const c = useClass();
  const [editing, setEditing] = useState(false);
  const { sentTo } = change;
  return (
    <Card
      title={words.address}
      mark={
        user.email_verified ? (
          <Badge look="success">{words.confirmed}</Badge>
        ) : (
          <Badge look="warning">{words.unconfirmed}</Badge>
        )
      }
    >
      <p>{user.email}</p>
      {!user.email_verified && <Resend email={user.email} resend={resend} />}
      <div role="status" className="lk-region">
        {sentTo !== null && (
          <Notice title={fill(words.addressSent, { email: sentTo })} announce={false}>
            <p>{words.addressSentText}</p>
          </Notice>
        )}
      </div>
      {editing ? (
        <Form
          id="address"
          action={change}
          takesFocus
          asksToLeave
          onSubmit={(values) => {
            void change.submit(values.text("email")).then((done) => done && setEditing(false));
          }}
        >
          <EmailField
            label={words.newAddress}
            autoComplete="email"
            hint={words.newAddressHint}
            defaultValue=""
            onChange={undefined}
          />
          <div className={c("row")}>
            <Submit wide={false}>{words.sendLink}</Submit>
            <Button onClick={() => setEditing(false)}>{words.cancel}</Button>
          </div>
        </Form>
      ) : (
        <div className={c("row")}>
          <Button
            onClick={() => {
              change.clear();
              setEditing(true);
            }}
          >
            {words.changeAddress}
          </Button>
        </div>
      )}
    </Card>
  );
}

function Resend({ email, resend }: { email: string; resend: Own["resend"] }): ReactElement {
  const words = useWords(account);
  const c = useClass();
  const { submit, busy, problem, wait, sentTo } = resend;
  return (
    <>
      <div role="alert" className="lk-region">
        {problem && <ProblemNotice problem={problem} wait={wait} announce={false} />}
      </div>
      <Said>{sentTo !== null && <p>{words.resendDone}</p>}</Said>
      {sentTo === null && (
        <div className={c("row")}>
          <Button busy={busy} aria-disabled={wait > 0} onClick={() => void submit(email)}>
            {words.resend}
          </Button>
        </div>
      )}
    </>
  );
}
