"use client";

import { useState, type ReactElement } from "react";
import { useWords } from "../../core/setting.js";
import { useDevices, type Device } from "../../hooks/useAccount.js";
import { account } from "../../messages/account.js";
import { fill } from "../../messages/table.js";
import { Button } from "../../ui/Button.js";
import { useClass } from "../../ui/classes.js";
import { Confirm } from "../../ui/Confirm.js";
import { Everywhere } from "../Everywhere.js";
import { calledIn } from "./called.js";
import { DeviceList } from "./DeviceList.js";
import { buttonOf, NameDevice } from "./NameDevice.js";
import { Card, Loaded, Said, Section } from "./pieces.js";

/** What the reader is asked to confirm: one device, or all the others. */
type Target = Device | "others";

/** The devices that are logged in: end one, the others, or all of them. */
export function Devices(): ReactElement {
  const words = useWords(account);
  const c = useClass();
  const { devices, end, endOthers, ...kept } = useDevices();
  const [target, setTarget] = useState<Target | null>(null);
  const [naming, setNaming] = useState<string | null>(null);
  const [said, setSaid] = useState("");
  const doing = target === "others" ? endOthers : end;
  const close = (): void => {
    doing.clear();
    setTarget(null);
  };
  const confirmed = async (chosen: Target): Promise<void> => {
    setSaid("");
    if (!(await (chosen === "others" ? endOthers.submit() : end.submit(chosen.id)))) return;
    setTarget(null);
    setSaid(chosen === "others" ? words.othersEnded : fill(words.ended, { device: calledIn(words, chosen) }));
  };
  const alone = devices?.every(({ current }) => current);
  return (
    <Section
      title={words.devices}
      lead={words.devicesLead}
      actions={
        <>
          {/* There from the start: what comes later moves what is there. */}
          <Button aria-disabled={alone !== false} onClick={() => setTarget("others")}>
            {words.endOthers}
          </Button>
          <Everywhere look="secondary" />
        </>
      }
    >
      <Said>{said && <p>{said}</p>}</Said>
      <Card look="flush" label={words.devices}>
        <Loaded of={kept} rows={3}>
          {devices && (
            <DeviceList
              devices={devices}
              actions={(one, device) => (
                <div className={c("row")}>
                  <Button
                    look="quiet"
                    id={buttonOf(one)}
                    aria-label={fill(words.nameThat, { device, ip: one.ip })}
                    aria-expanded={naming === one.id}
                    onClick={() => setNaming(one.id)}
                  >
                    {words.nameDevice}
                  </Button>
                  <Button
                    aria-label={one.current ? words.endThis : fill(words.endDevice, { device, ip: one.ip })}
                    onClick={() => setTarget(one)}
                  >
                    {words.logOut}
                  </Button>
                </div>
              )}
              below={(one) =>
                naming === one.id && <NameDevice device={one} reload={kept.reload} onDone={() => setNaming(null)} />
              }
            />
          )}
        </Loaded>
      </Card>
      {target !== null && (
        <Confirm {...wording(target, words)} doing={doing} onConfirm={() => void confirmed(target)} onClose={close} />
      )}
    </Section>
  );
}

type Words = ReturnType<typeof useWords<typeof account>>;

function wording(target: Target, words: Words): { title: string; text: string; action: string } {
  if (target === "others") return { title: words.endOthersTitle, text: words.endOthersText, action: words.endOthers };
  if (target.current) return { title: words.endThisTitle, text: words.endThisText, action: words.logOut };
  return {
    title: fill(words.endDeviceTitle, { device: calledIn(words, target) }),
    text: fill(words.endDeviceText, { ip: target.ip }),
    action: words.logOut,
  };
}
