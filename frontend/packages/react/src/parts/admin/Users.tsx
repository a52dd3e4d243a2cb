"use client";

import { useContext, useMemo, useState, type ReactElement } from "react";
import { late } from "../../core/late.js";
import { useSetting } from "../../core/setting.js";
import { fill } from "../../messages/table.js";
import { Link } from "../../ui/Link.js";
import { Within } from "../within.js";
import { useLastList } from "./lists.js";
import { To } from "./pieces.js";
import { addressOf, usePlace, type Here, type Place } from "./place.js";
import { UserList } from "./UserList.js";
import { UserPage } from "./UserPage.js";
import { useWords } from "./words.js";

const NEW = "new";
const NewUser = late(async () => (await import("./NewUser.js")).NewUser);

/** Everyone's accounts: find them, make new ones, and look after one. */
export function AdminUsers(place: Place): ReactElement {
  const words = useWords();
  const { links, go } = useSetting();
  const here = usePlace(place);
  const { page } = here;
  const [turn, setTurn] = useState(0);
  const [made, setMade] = useState({ id: "", letter: "" });
  const [said, setSaid] = useState("");
  const within = useWithin(page);
  const list = useLastList();
  const change = (): void => setTurn((before) => before + 1);

  if (page === "") {
    return (
      <Within.Provider value={within}>
        <UserList here={here} turn={turn} said={said} />
      </Within.Provider>
    );
  }
  const events = list.of === "events" ? links.adminEvents : undefined;
  const listAt = list.of === "users" ? list.at : "";
  return (
    <Within.Provider value={within}>
      {page === NEW ? (
        <NewUser
          back={<Back here={here} at={listAt} />}
          onCreated={(id, letter) => {
            change();
            setSaid("");
            setMade({ id, letter });
            here.go(id);
          }}
        />
      ) : (
        <UserPage
          key={page}
          id={page}
          back={
            events === undefined ? (
              <Back here={here} at={listAt} />
            ) : (
              <Link to={addressOf(events, list.at)}>{words.eventList}</Link>
            )
          }
          letter={made.id === page ? made.letter : null}
          onChanged={change}
          onDeleted={(email) => {
            change();
            setSaid(fill(words.deleted, { email }));
            if (events === undefined) here.go(listAt, true);
            else go(addressOf(events, list.at), true);
          }}
        />
      )}
    </Within.Provider>
  );
}

function Back({ here, at }: { here: Here; at: string }): ReactElement {
  const words = useWords();
  return (
    <To here={here} at={at}>
      {words.users}
    </To>
  );
}

/** Headings take the focus, but for that of the page which the browser itself has loaded. */
function useWithin(page: string): { tab: boolean; quiet: boolean } {
  const { quiet } = useContext(Within);
  const [first] = useState(page);
  const [moved, setMoved] = useState(false);
  if (page !== first && !moved) setMoved(true);
  return useMemo(() => ({ tab: false, quiet: quiet && !moved }), [quiet, moved]);
}
