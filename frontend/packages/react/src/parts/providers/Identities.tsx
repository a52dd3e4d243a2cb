"use client";

/** The reader's accounts at other providers: which open this one, one more, one less. */
import { useEffect, useRef, useState, type ReactElement } from "react";
import { spokenOfProviders, useProviderWords } from "../../core/spoken.js";
import { useIdentities, useProviderName, type Identity } from "../../hooks/useProviders.js";
import { providers as messages } from "../../messages/providers.js";
import { fill } from "../../messages/table.js";
import { Button } from "../../ui/Button.js";
import { useClass } from "../../ui/classes.js";
import { Confirm } from "../../ui/Confirm.js";
import { ProblemNotice } from "../../ui/Notice.js";
import { Say } from "../../ui/Say.js";
import { FullTime, Time } from "../../ui/Time.js";
import { Card, Item, Loaded, Said } from "../account/pieces.js";
import { ofProvider } from "./problem.js";

/** Two links of a chain. */
const CHAIN = "M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 0 0 13 5.3l-1 1M14 10a4 4 0 0 0-5.7 0l-3 3A4 4 0 0 0 11 18.7l1-1";

/** Nothing where the service names no providers, and none is linked. */
function All(): ReactElement | null {
  const words = useProviderWords(messages);
  const c = useClass();
  const { identities, others, link, linked, unlink, ...kept } = useIdentities();
  const [going, setGoing] = useState<Identity | null>(null);
  const [said, setSaid] = useState<string | null>(null);
  const [removed, setRemoved] = useState(0);
  const card = useRef<HTMLDivElement>(null);
  // What was removed had the focus.
  useEffect(() => {
    if (removed) card.current?.focus();
  }, [removed]);
  const linkedName = useProviderName(linked);
  const [to, setTo] = useState<string | null>(null);
  const problem = ofProvider(link.problem, words, useProviderName(to));
  if (others.length === 0 && !identities?.length && said === null && !going) return null;
  const now = said ?? (linked === null ? null : fill(words.linkedNow, { name: linkedName }));
  return (
    <div ref={card} tabIndex={-1}>
      <Card title={words.linked} lead={words.linkedLead}>
        <Said>{now !== null && <p>{now}</p>}</Said>
        <Loaded of={kept} rows={1}>
          {identities && (
            <div className={c("stack")}>
              {identities.length === 0 ? (
                <p>{words.linkedNone}</p>
              ) : (
                <ul className={c("list")}>
                  {identities.map((one) => (
                    <Row key={one.id} of={one} onUnlink={() => setGoing(one)} />
                  ))}
                </ul>
              )}
              <div role="alert" className="lk-region">
                {problem && <ProblemNotice problem={problem} wait={link.wait} announce={false} />}
              </div>
              {others.length > 0 && (
                <div className={c("row")}>
                  {others.map(({ id, name, brand }) => (
                    <Button
                      key={id}
                      busy={link.busy && to === id}
                      aria-disabled={link.busy || link.wait > 0}
                      data-brand={brand}
                      onClick={() => {
                        setSaid("");
                        setTo(id);
                        void link.submit(id);
                      }}
                    >
                      {fill(words.linkNew, { name })}
                    </Button>
                  ))}
                </div>
              )}
            </div>
          )}
        </Loaded>
        {going && (
          <Confirm
            title={fill(words.unlinkTitle, { name: going.name })}
            text={words.unlinkText}
            action={words.unlink}
            doing={{ ...unlink, problem: ofProvider(unlink.problem, words, going.name) }}
            onConfirm={() => {
              void unlink.submit(going.id).then((done) => {
                if (!done) return;
                setGoing(null);
                setSaid(fill(words.unlinked, { name: going.name }));
                setRemoved(removed + 1);
              });
            }}
            onClose={() => {
              unlink.clear();
              setGoing(null);
            }}
          />
        )}
      </Card>
    </div>
  );
}

function Row({ of: { name, email, created_at, last_used_at }, onUnlink }: RowProps): ReactElement {
  const words = useProviderWords(messages);
  const c = useClass();
  return (
    <Item
      icon={CHAIN}
      title={
        <>
          <span>{name}</span> {email && <span className={c("hint")}>{email}</span>}
        </>
      }
      end={
        <Button aria-label={fill(words.unlinkOf, { name, email: email ?? "" })} onClick={onUnlink}>
          {words.unlink}
        </Button>
      }
    >
      <p className={c("hint")}>
        <Say text={words.linkedSince} values={{ since: <FullTime at={created_at} /> }} />
        {" · "}
        {last_used_at ? (
          <Say text={words.linkedUsed} values={{ when: <Time at={last_used_at} /> }} />
        ) : (
          <span>{words.linkedUnused}</span>
        )}
      </p>
    </Item>
  );
}

interface RowProps {
  of: Identity;
  onUnlink: () => void;
}

export const Identities = spokenOfProviders(All, null);
