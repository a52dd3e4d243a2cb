"use client";

import { lazy, Suspense, useEffect, useRef, useState, type ReactElement, type ReactNode } from "react";
import { useKept, type Kept } from "../../core/kept.js";
import { loaded } from "../../core/late.js";
import { useAuth, useSetting } from "../../core/setting.js";
import type { Device } from "../../hooks/useAccount.js";
import { useDoing, type Account, type AccountChange } from "../../hooks/useAdmin.js";
import { fill } from "../../messages/table.js";
import { Button } from "../../ui/Button.js";
import { useClass } from "../../ui/classes.js";
import { Confirm } from "../../ui/Confirm.js";
import { PasswordField, TextField } from "../../ui/Fields.js";
import { Form, Submit } from "../../ui/Form.js";
import { Link } from "../../ui/Link.js";
import { FullTime } from "../../ui/Time.js";
import { DeviceList } from "../account/DeviceList.js";
import { Badge, Card, Loaded, Said } from "../account/pieces.js";
import { DeleteUser } from "./DeleteUser.js";
import { LetterAgain, LetterSent } from "./Letter.js";
import { Page } from "./pieces.js";
import { States } from "./UserList.js";
import { Why } from "./Why.js";
import { useWords } from "./words.js";

const Factors = lazy(async () => ({ default: (await loaded(() => import("./Factors.js"))).Factors }));

interface UserPageProps {
  id: string;
  back: ReactNode;
  /** The e-mail that went out when this user was made, if they just were. */
  letter: string | null;
  onChanged: () => void;
  onDeleted: (email: string) => void;
}

/** One user: who they are, whether they may log in, where they are logged in, and why they aren't any more. */
export function UserPage({ id, back, letter, onChanged, onDeleted }: UserPageProps): ReactElement {
  const { client } = useSetting();
  const words = useWords();
  const path = { user_id: id };
  const { data: user, ...found } = useKept(`user ${id}`, () => client.call("GET", "/api/users/{user_id}", { path }));
  const devices = useKept(`user-sessions ${id}`, () => client.call("GET", "/api/users/{user_id}/sessions", { path }));
  const [removed, setRemoved] = useState<string | null>(null);
  const gone = user === undefined && found.problem?.status === 404;
  const changed = async (): Promise<void> => {
    onChanged();
    await Promise.all([found.reload(), devices.reload()]);
  };
  // With the forms gone, nobody is asked about what is half typed in them.
  if (removed !== null) return <Gone onGone={() => onDeleted(removed)} />;
  return (
    <Page title={user?.email ?? (gone ? words.noUser : words.user)} of={id} back={back}>
      {gone ? (
        <p>{words.noUserText}</p>
      ) : (
        <Loaded of={found} rows={3}>
          {user && (
            <div className="lk-section">
              {letter !== null && <LetterSent user={user} letter={letter} />}
              <Summary user={user} onChange={changed} />
              <Devices user={user} devices={devices} />
              <Why userId={user.id} />
              <Edit user={user} onChange={changed} />
              <Suspense>
                <Factors user={user} onChange={changed} />
              </Suspense>
              <DeleteUser user={user} onDeleted={() => setRemoved(user.email)} />
            </div>
          )}
        </Loaded>
      )}
    </Page>
  );
}

function Gone({ onGone }: { onGone: () => void }): null {
  const told = useRef(false);
  useEffect(() => {
    if (told.current) return;
    told.current = true;
    onGone();
  }, [onGone]);
  return null;
}

interface PartProps {
  user: Account;
  onChange: () => Promise<void>;
}

type Switch = "disable" | "enable" | "promote" | "demote";

const CHANGES: Readonly<Record<Switch, AccountChange>> = {
  disable: { is_active: false },
  enable: { is_active: true },
  promote: { is_superuser: true },
  demote: { is_superuser: false },
};

function Summary({ user, onChange }: PartProps): ReactElement {
  const { user: me } = useAuth();
  const { links } = useSetting();
  const words = useWords();
  const c = useClass();
  const [asking, setAsking] = useState<Switch | null>(null);
  const [done, setDone] = useState<Switch | null>(null);
  const change = useDoing(async (client, which: Switch) => {
    setDone(null);
    await client.call("PATCH", "/api/users/{user_id}", { path: { user_id: user.id }, body: CHANGES[which] });
    await onChange();
    setAsking(null);
    setDone(which);
  });
  const events = links.adminEvents;
  return (
    <Card title={user.full_name ?? user.email} mark={<States user={user} />}>
      <dl className={c("facts")}>
        <dt>{words.role}</dt>
        <dd>{user.is_superuser ? <Badge look="accent">{words.administrator}</Badge> : words.user}</dd>
        <dt>{words.since}</dt>
        <dd>
          <FullTime at={user.created_at} />
        </dd>
        <dt>{words.lastLogin}</dt>
        <dd>{user.last_login_at ? <FullTime at={user.last_login_at} /> : words.never}</dd>
        {user.updated_at && (
          <>
            <dt>{words.changedAt}</dt>
            <dd>
              <FullTime at={user.updated_at} />
            </dd>
          </>
        )}
        <dt>{words.id}</dt>
        <dd>
          <code>{user.id}</code>
        </dd>
      </dl>
      <div className={c("row")}>
        <Button onClick={() => setAsking(user.is_active ? "disable" : "enable")}>
          {user.is_active ? words.disable : words.enable}
        </Button>
        <Button onClick={() => setAsking(user.is_superuser ? "demote" : "promote")}>
          {user.is_superuser ? words.demote : words.promote}
        </Button>
        {user.is_active && <LetterAgain user={user} />}
        {events !== undefined && (
          <Link to={`${events}?person=${encodeURIComponent(user.email)}`}>{words.eventList}</Link>
        )}
      </div>
      {user.id === me?.id && <p className={c("hint")}>{words.you}</p>}
      <Said>{done !== null && <p>{words[`${done}Done`]}</p>}</Said>
      {asking !== null && (
        <Confirm
          title={words[`${asking}Title`]}
          text={words[`${asking}Text`]}
          action={asking === "demote" ? words.demoteAction : words[asking]}
          doing={change}
          onConfirm={() => void change.submit(asking)}
          onClose={() => {
            change.clear();
            setAsking(null);
          }}
        />
      )}
    </Card>
  );
}

function Devices({ user, devices }: { user: Account; devices: Kept<Device[]> }): ReactElement {
  const words = useWords();
  const c = useClass();
  const [asking, setAsking] = useState(false);
  const [done, setDone] = useState(false);
  const end = useDoing(async (client) => {
    setDone(false);
    await client.call("DELETE", "/api/users/{user_id}/sessions", { path: { user_id: user.id } });
    await devices.reload();
    setAsking(false);
    setDone(true);
  });
  return (
    <>
      <Said>{done && <p>{words.endAllDone}</p>}</Said>
      <Card look="flush" label={words.devices}>
        <div className={c("head", "bar")}>
          <h2>{words.devices}</h2>
          <Button aria-disabled={devices.data?.length === 0} onClick={() => setAsking(true)}>
            {words.endAll}
          </Button>
        </div>
        <Loaded of={devices} rows={2}>
          {devices.data && <DeviceList devices={devices.data} />}
        </Loaded>
        {asking && (
          <Confirm
            title={words.endAllTitle}
            text={fill(words.endAllText, { email: user.email })}
            action={words.endAll}
            doing={end}
            onConfirm={() => void end.submit()}
            onClose={() => {
              end.clear();
              setAsking(false);
            }}
          />
        )}
      </Card>
    </>
  );
}

function Edit({ user, onChange }: PartProps): ReactElement {
  const words = useWords();
  const c = useClass();
  const [saved, setSaved] = useState(0);
  const [said, setSaid] = useState(false);
  const change = useDoing(
    async (client, body: AccountChange) => {
      setSaid(false);
      await client.call("PATCH", "/api/users/{user_id}", { path: { user_id: user.id }, body });
      await onChange();
      setSaved((times) => times + 1);
      setSaid(true);
    },
    { fields: ["email", "full_name", "password"], at: { email_taken: "email" } },
  );
  return (
    <Card title={words.change} lead={words.changeLead}>
      <Form
        id="edit-user"
        action={change}
        asksToLeave
        onSubmit={(values) => {
          const email = values.trimmed("email");
          const name = values.trimmed("full_name") || null;
          const password = values.text("password");
          void change.submit({
            ...(email === user.email ? {} : { email }),
            ...(name === user.full_name ? {} : { full_name: name }),
            ...(password ? { password } : {}),
          });
        }}
      >
        <TextField
          name="email"
          label={words.email}
          type="email"
          autoComplete="off"
          defaultValue={user.email}
          required
        />
        <TextField name="full_name" label={words.fullName} autoComplete="off" defaultValue={user.full_name ?? ""} />
        {/* What else is typed stays: it is what was saved, or what hasn't been yet while another button was pressed. */}
        <PasswordField
          key={saved}
          required={false}
          label={words.newPassword}
          autoComplete="new-password"
          hint={words.emptyStays}
        />
        <Said>{said && <p>{words.changesSaved}</p>}</Said>
        <div className={c("row")}>
          <Submit wide={false}>{words.saveChanges}</Submit>
        </div>
      </Form>
    </Card>
  );
}
