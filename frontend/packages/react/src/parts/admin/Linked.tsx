"use client";

/** For administrators: which accounts at other providers open a user's, and taking one away. */
import { useState, type ReactElement } from "react";
import { useKept } from "../../core/kept.js";
import { useSetting } from "../../core/setting.js";
import { spokenOfProviders, useProviderWords } from "../../core/spoken.js";
import { useDoing, type Account } from "../../hooks/useAdmin.js";
import type { Identity } from "../../hooks/useProviders.js";
import { providers as messages } from "../../messages/providers.js";
import { fill } from "../../messages/table.js";
import { Button } from "../../ui/Button.js";
import { useClass } from "../../ui/classes.js";
import { Confirm } from "../../ui/Confirm.js";
import { Say } from "../../ui/Say.js";
import { FullTime } from "../../ui/Time.js";
import { Card, Said } from "../account/pieces.js";
import { ofProvider } from "../providers/problem.js";

/** Nothing where there are none. */
function All({ user }: { user: Account }): ReactElement | null {
  const { client } = useSetting();
  const words = useProviderWords(messages);
  const c = useClass();
  const path = { user_id: user.id };
  const { data, reload } = useKept(`user-identities ${user.id}`, () =>
    client.call("GET", "/api/users/{user_id}/identities", { path }),
  );
  const [going, setGoing] = useState<Identity | null>(null);
  const [said, setSaid] = useState("");
  const unlink = useDoing(async (client, { id, name }: Identity) => {
    await client.call("DELETE", "/api/users/{user_id}/identities/{identity_id}", {
      path: { ...path, identity_id: id },
    });
    setSaid(fill(words.unlinked, { name }));
    setGoing(null);
    await reload();
  });
  if (!data?.length && !said) return null;
  return (
    <Card title={words.linked}>
      <Said>{said && <p>{said}</p>}</Said>
      {data && data.length > 0 ? (
        <ul>
          {data.map((one) => (
            <li key={one.id}>
              <Say
                text={words.userLinkedOne}
                values={{ name: one.name, email: one.email ?? "–", since: <FullTime at={one.created_at} /> }}
              />{" "}
              <Button
                look="quiet"
                aria-label={fill(words.unlinkOf, { name: one.name, email: one.email ?? "" })}
                onClick={() => setGoing(one)}
              >
                {words.unlink}
              </Button>
            </li>
          ))}
        </ul>
      ) : (
        <p className={c("hint")}>{words.linkedNone}</p>
      )}
      {going && (
        <Confirm
          title={fill(words.unlinkTitle, { name: going.name })}
          text={words.userUnlinkText}
          action={words.unlink}
          doing={{ ...unlink, problem: ofProvider(unlink.problem, words, going.name) }}
          onConfirm={() => void unlink.submit(going)}
          onClose={() => {
            unlink.clear();
            setGoing(null);
          }}
        />
      )}
    </Card>
  );
}

export const Linked = spokenOfProviders(All, null);
