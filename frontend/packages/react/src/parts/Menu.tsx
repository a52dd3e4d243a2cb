"use client";

import { useState, type ReactElement, type ReactNode } from "react";
import { useAuth, useSetting, useWords } from "../core/setting.js";
import { useAction } from "../hooks/useAction.js";
import { moments } from "../messages/moments.js";
import { Button } from "../ui/Button.js";
import { Confirm } from "../ui/Confirm.js";
import { Link } from "../ui/Link.js";
import { ProblemNotice } from "../ui/Notice.js";
import { Part } from "../ui/Part.js";

interface MenuProps {
  onClose: () => void;
  children: ReactNode;
}

/** What is in the menu of `<UserButton/>`. */
export function Menu({ onClose, children }: MenuProps): ReactElement {
  const { client, links } = useSetting();
  const words = useWords(moments);
  const { user } = useAuth();
  const [asking, setAsking] = useState(false);
  const leave = useAction(() => client.logout());
  const everywhere = useAction(() => client.logout({ everywhere: true }));
  return (
    <Part>
      <p>
        {user?.full_name && <strong>{user.full_name}</strong>} <span>{user?.email}</span>
      </p>
      {/* A link that was followed has done what the menu is for. */}
      {/* eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions -- the links are what is pressed */}
      <div onClick={onClose}>
        {links.settings !== undefined && <Link to={links.settings}>{words.settings}</Link>}
        {children}
      </div>
      {leave.problem && <ProblemNotice problem={leave.problem} />}
      <Button look="quiet" busy={leave.busy} onClick={() => void leave.submit()}>
        {words.logOut}
      </Button>
      <Button look="quiet" onClick={() => setAsking(true)}>
        {words.logOutEverywhere}
      </Button>
      {asking && (
        <Confirm
          title={words.everywhereTitle}
          text={words.everywhereText}
          action={words.logOutEverywhere}
          doing={everywhere}
          onConfirm={() => void everywhere.submit()}
          onClose={() => {
            everywhere.clear();
            setAsking(false);
          }}
        />
      )}
    </Part>
  );
}
