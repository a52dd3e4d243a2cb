"use client";

import { useState, type ComponentType, type ReactElement } from "react";
import { late } from "../../core/late.js";
import { hasPassword } from "../../core/options.js";
import { useAuth, useSetting, useWords } from "../../core/setting.js";
import { usePassword } from "../../hooks/useAccount.js";
import { account } from "../../messages/account.js";
import { useClass } from "../../ui/classes.js";
import { NewPasswordField, Username } from "../../ui/Fields.js";
import { Form, Submit } from "../../ui/Form.js";
import { Part } from "../../ui/Part.js";
import { Factors } from "../Moments.js";
import { Card, Said, Section } from "./pieces.js";

/** A new password. The old one is asked for over the page, unless it was given a moment ago. */
function NewPassword(): ReactElement {
  const words = useWords(account);
  const { user } = useAuth();
  const c = useClass();
  const change = usePassword();
  const [changes, setChanges] = useState(0);
  const done = changes > 0 && !change.busy && !change.problem;
  return (
    <Card title={words.password} lead={words.passwordLead}>
      <Said>{done && <p>{words.passwordChanged}</p>}</Said>
      {/* A new key empties the field after each change. */}
      <Form
        key={changes}
        id="password"
        action={change}
        asksToLeave
        onSubmit={(values) => {
          void change.submit(values.text("password")).then((changed) => changed && setChanges(changes + 1));
        }}
      >
        <Username value={user?.email ?? ""} />
        <NewPasswordField label={words.newPassword} />
        <div className={c("row")}>
          <Submit wide={false}>{words.changePassword}</Submit>
        </div>
      </Form>
    </Card>
  );
}

/** A new password, by itself. */
export function Password(): ReactElement {
  return (
    <Part>
      <NewPassword />
    </Part>
  );
}

const Identities = late(
  () => import("../providers/Identities.js").then((part) => part.Identities),
  () => null,
);

/** What an account is proven with. Each kind shows itself only where the service has it; further ones come in here. */
const PROOFS: readonly { here: typeof hasPassword; Proof: ComponentType }[] = [
  { here: hasPassword, Proof: NewPassword },
  // It knows itself whether there is something to show: who has one keeps it where no new ones are set up.
  { here: () => true, Proof: Factors },
  // So does this: what is linked can be unlinked also where the provider isn't named any more.
  { here: () => true, Proof: Identities },
];

/** How the reader proves that it is them: every way that the service has, also those of a later version. */
export function Security(): ReactElement {
  const words = useWords(account);
  const { asked } = useSetting();
  return (
    <Section title={words.security} lead={words.securityLead}>
      {PROOFS.filter(({ here }) => here(asked)).map(({ Proof }, index) => (
        <Proof key={index} />
      ))}
    </Section>
  );
}
