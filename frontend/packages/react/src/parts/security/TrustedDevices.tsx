"use client";

import type { ReactElement } from "react";
import { useWords } from "../../core/setting.js";
import { useSecondWords } from "../../core/spoken.js";
import { useTrusted } from "../../hooks/useFactors.js";
import { devices as called } from "../../messages/devices.js";
import { factors as messages } from "../../messages/factors.js";
import { fill } from "../../messages/table.js";
import { Button } from "../../ui/Button.js";
import { useClass } from "../../ui/classes.js";
import { ProblemNotice } from "../../ui/Notice.js";
import { Say } from "../../ui/Say.js";
import { FullTime, Time } from "../../ui/Time.js";
import { calledIn } from "../account/called.js";
import { Card, Item, Loaded } from "../account/pieces.js";

/** The devices that aren't asked for the second factor; each can be asked again. */
export function TrustedDevices(): ReactElement {
  const words = useSecondWords(messages);
  const all = useWords(called);
  const c = useClass();
  const { devices, askAgain, ...kept } = useTrusted();
  const { problem, wait } = askAgain;
  return (
    <Card title={words.trusted} lead={words.trustedLead}>
      <div role="alert" className="lk-region">
        {problem && <ProblemNotice problem={problem} wait={wait} announce={false} />}
      </div>
      <Loaded of={kept} rows={1}>
        {devices && (devices.length === 0 ? <p>{words.trustedNone}</p> : null)}
        {devices && devices.length > 0 && (
          <div className={c("stack")}>
            <ul className={c("list")}>
              {devices.map((one) => (
                <Item
                  key={one.id}
                  icon="laptop"
                  title={calledIn(all, one)}
                  end={
                    <Button
                      aria-label={fill(words.askAgainOn, { device: calledIn(all, one), network: one.network })}
                      onClick={() => void askAgain.submit(one.id)}
                    >
                      {words.askAgain}
                    </Button>
                  }
                >
                  <p className={c("hint")}>
                    <Say
                      text={words.trustedUntil}
                      values={{
                        network: one.network,
                        since: <Time at={one.since} />,
                        until: <FullTime at={one.until} />,
                      }}
                    />
                  </p>
                </Item>
              ))}
            </ul>
            <div className={c("row")}>
              <Button onClick={() => void askAgain.submit()}>{words.askAll}</Button>
            </div>
          </div>
        )}
      </Loaded>
    </Card>
  );
}
