"use client";

/** The reader's passkeys: a list, and one more. */
import { useEffect, useRef, useState, type ReactElement } from "react";
import { hasPasskey } from "../../core/options.js";
import { useAuth, useSetting } from "../../core/setting.js";
import { useSecondWords } from "../../core/spoken.js";
import type { Passkey, Passkeys } from "../../hooks/usePasskeys.js";
import { factors as messages } from "../../messages/factors.js";
import { second } from "../../messages/second.js";
import { fill } from "../../messages/table.js";
import { Button } from "../../ui/Button.js";
import { useClass } from "../../ui/classes.js";
import { Confirm } from "../../ui/Confirm.js";
import { Dialog } from "../../ui/Dialog.js";
import { TextField } from "../../ui/Fields.js";
import { Form, Submit } from "../../ui/Form.js";
import { ProblemNotice } from "../../ui/Notice.js";
import { Say } from "../../ui/Say.js";
import { FullTime, Time } from "../../ui/Time.js";
import { Badge, Card, Item, Loaded, Said } from "../account/pieces.js";
import { withWords } from "../keyProblem.js";

const WORDS = { ...messages, ...second };

const KEY = "M12.5 11a4 4 0 1 0 0 .01H21v3.5M17.5 11v3";

type Asking = { what: "rename" | "remove"; key: Passkey } | null;

interface KeysProps {
  state: Passkeys;
  /** The service takes new ones. */
  offered: boolean;
}

export function Keys({ state, offered }: KeysProps): ReactElement {
  const words = useSecondWords(WORDS);
  const { user } = useAuth();
  const { asked } = useSetting();
  // Where no e-mail goes out nobody can confirm an address.
  const proven = hasPasskey(asked, true) || user?.email_verified;
  const c = useClass();
  const { passkeys, available, add, added } = state;
  const [asking, setAsking] = useState<Asking>(null);
  const [said, setSaid] = useState("");
  const row = useRef<HTMLDivElement>(null);
  const [removed, setRemoved] = useState(0);
  // What was removed had the focus.
  useEffect(() => {
    if (removed) row.current?.querySelector("button")?.focus();
  }, [removed]);
  const problem = withWords(add.problem, words);
  const ask = (asked: Asking): void => {
    add.clear();
    setSaid("");
    setAsking(asked);
  };
  const close = (): void => setAsking(null);
  return (
    <Card title={words.keys} lead={words.keysLead}>
      <Said>{(said || added) && <p>{said || fill(words.keyAdded, { name: added?.name ?? "" })}</p>}</Said>
      <Loaded of={state} rows={1}>
        {passkeys && (
          <div className={c("stack")}>
            {passkeys.length === 0 ? (
              <p>{words.keysNone}</p>
            ) : (
              <ul className={c("list")}>
                {passkeys.map((key) => (
                  <Row key={key.id} of={key} onAsk={(what) => ask({ what, key })} />
                ))}
              </ul>
            )}
            <div role="alert" className="lk-region">
              {problem && <ProblemNotice problem={problem} wait={add.wait} announce={false} />}
            </div>
            {!available ? (
              <p className={c("hint")}>{words.keysUnknown}</p>
            ) : (
              offered && !proven && <p>{words.confirmFirst}</p>
            )}
            <div ref={row} className={c("row")}>
              {available && offered && proven && (
                <Button
                  busy={add.busy}
                  aria-disabled={add.wait > 0}
                  onClick={() => {
                    setSaid("");
                    void add.submit();
                  }}
                >
                  {words.addKey}
                </Button>
              )}
            </div>
          </div>
        )}
      </Loaded>
      {asking?.what === "rename" && (
        <Rename
          of={asking.key}
          rename={state.rename}
          onClose={close}
          onDone={(name) => setSaid(fill(words.keyRenamed, { name }))}
        />
      )}
      {asking?.what === "remove" && (
        <Confirm
          title={fill("{what}?", { what: fill(words.removeKeyOf, { name: asking.key.name }) })}
          text={words.removeKeyText}
          action={words.removeKey}
          doing={{ ...state.remove, problem: withWords(state.remove.problem, words, { forbidden: "removeLater" }) }}
          onConfirm={() => {
            void state.remove.submit(asking.key.id).then((done) => {
              if (!done) return;
              close();
              setSaid(fill(words.keyRemoved, { name: asking.key.name }));
              setRemoved(removed + 1);
            });
          }}
          onClose={() => {
            state.remove.clear();
            close();
          }}
        />
      )}
    </Card>
  );
}

function Row({ of: key, onAsk }: { of: Passkey; onAsk: (what: "rename" | "remove") => void }): ReactElement {
  const words = useSecondWords(WORDS);
  const c = useClass();
  const { name, synced, suspended_at: suspended, last_used_at: used } = key;
  return (
    <Item
      icon={KEY}
      look={suspended !== null && "warning"}
      title={
        <>
          <span>{name}</span>{" "}
          {suspended ? (
            <Badge look="warning">{words.keySuspended}</Badge>
          ) : (
            <Badge look="plain">{synced ? words.keySynced : words.keyHere}</Badge>
          )}
        </>
      }
      end={
        <div className={c("row")}>
          <Button aria-label={fill(words.renameKeyOf, { name })} onClick={() => onAsk("rename")}>
            {words.renameKey}
          </Button>
          <Button aria-label={fill(words.removeKeyOf, { name })} onClick={() => onAsk("remove")}>
            {words.removeKey}
          </Button>
        </div>
      }
    >
      <p className={c("hint")}>
        <Say text={words.keySince} values={{ since: <FullTime at={key.created_at} /> }} />
        {" · "}
        {used ? <Say text={words.keyUsed} values={{ when: <Time at={used} /> }} /> : <span>{words.keyUnused}</span>}
      </p>
      {suspended !== null && <p className={c("hint")}>{words.keySuspendedText}</p>}
    </Item>
  );
}

interface RenameProps {
  of: Passkey;
  rename: Passkeys["rename"];
  onClose: () => void;
  onDone: (name: string) => void;
}

function Rename({ of: key, rename, onClose, onDone }: RenameProps): ReactElement {
  const words = useSecondWords(WORDS);
  const c = useClass();
  const close = (): void => {
    rename.clear();
    onClose();
  };
  return (
    <Dialog title={fill(words.renameKeyOf, { name: key.name })} onClose={close}>
      <Form
        id="rename-key"
        action={rename}
        onSubmit={(values) => {
          const name = values.trimmed("name");
          void rename.submit(key.id, name).then((done) => {
            if (!done) return;
            onDone(name);
            close();
          });
        }}
      >
        <TextField
          name="name"
          label={words.keyName}
          defaultValue={key.name}
          maxLength={100}
          autoComplete="off"
          required
        />
        <div className={c("actions")}>
          <Button onClick={close}>{words.cancel}</Button>
          <Submit wide={false}>{words.saveKey}</Submit>
        </div>
      </Form>
    </Dialog>
  );
}
