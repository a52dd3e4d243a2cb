"use client";

import { useContext, useId, useMemo, useState, type ComponentType, type KeyboardEvent, type ReactElement } from "react";
import { useWords } from "../../core/setting.js";
import { account } from "../../messages/account.js";
import { useClass } from "../../ui/classes.js";
import { Part } from "../../ui/Part.js";
import { Title } from "../../ui/Title.js";
import { Within } from "../within.js";
import { Activity } from "./Activity.js";
import { Devices } from "./Devices.js";
import { Profile } from "./Profile.js";
import { Security } from "./Security.js";
import { YourData } from "./YourData.js";

export type AccountSection = "profile" | "security" | "devices" | "activity" | "yourData";

const SECTIONS: Readonly<Record<AccountSection, ComponentType>> = {
  profile: Profile,
  security: Security,
  devices: Devices,
  activity: Activity,
  yourData: YourData,
};

export interface AccountProps {
  /** Which sections, in which order; without it all that there are, also those of a later version. */
  sections?: readonly AccountSection[];
  /** Which one is shown, where the application says so: then `onSection` is told of another choice. */
  section?: AccountSection;
  onSection?: (section: AccountSection) => void;
}

const TAB = { tab: true, quiet: false };

/** Everything about one's own account, in tabs. What was typed into one stays there while another is looked at. */
export function Account({ sections, section, onSection }: AccountProps): ReactElement {
  const words = useWords(account);
  const c = useClass();
  const id = useId();
  const { quiet } = useContext(Within);
  const names = useMemo(() => sections ?? (Object.keys(SECTIONS) as AccountSection[]), [sections]);
  const [chosen, setChosen] = useState<AccountSection | undefined>(names[0]);
  const current = section ?? chosen;
  const [seen, setSeen] = useState<readonly (AccountSection | undefined)[]>([current]);
  if (!seen.includes(current)) setSeen([...seen, current]);

  const choose = (name: AccountSection | undefined): void => {
    if (name === undefined) return;
    setChosen(name);
    onSection?.(name);
    document.getElementById(`${id}-${name}`)?.focus();
  };
  const press = (event: KeyboardEvent): void => {
    const at = current === undefined ? 0 : names.indexOf(current);
    const to = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: -1 }[
      event.key
    ];
    if (to === undefined) return;
    event.preventDefault();
    choose(names.at(to % names.length));
  };
  return (
    <Part>
      <Title quiet={quiet}>{words.account}</Title>
      <div className={c("tabs")} role="tablist" aria-label={words.account}>
        {names.map((name) => (
          <button
            key={name}
            id={`${id}-${name}`}
            type="button"
            role="tab"
            className={c("tab")}
            aria-selected={name === current}
            aria-controls={`${id}-${name}-panel`}
            tabIndex={name === current ? 0 : -1}
            onClick={() => choose(name)}
            onKeyDown={press}
          >
            {words[name]}
          </button>
        ))}
      </div>
      <Within.Provider value={TAB}>
        {names.map((name) => {
          const Shown = SECTIONS[name];
          return (
            <div
              key={name}
              id={`${id}-${name}-panel`}
              role="tabpanel"
              aria-labelledby={`${id}-${name}`}
              hidden={name !== current}
            >
              {seen.includes(name) && <Shown />}
            </div>
          );
        })}
      </Within.Provider>
    </Part>
  );
}
