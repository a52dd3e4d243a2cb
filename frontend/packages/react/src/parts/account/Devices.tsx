"use client";

import { useState, type ReactElement } from "react";
import { useWords } from "../../core/setting.js";
import { useDevices, type Device } from "../../hooks/useAccount.js";
import { account } from "../../messages/account.js";
import { fill } from "../../messages/table.js";
import { Button } from "../../ui/Button.js";
import { useClass } from "../../ui/classes.js";
import { Confirm } from "../../ui/Confirm.js";
import { Say } from "../../ui/Say.js";
import { FullTime, Time } from "../../ui/Time.js";
import { Everywhere } from "../Everywhere.js";
import { Badge, Card, Item, Loaded, Said, Section } from "./pieces.js";

/** What the reader is asked to confirm: one device, or all the others. */
type Target = Device | "others";

/** The devices that are logged in: end one, the others, or all of them. */
export function Devices(): ReactElement {
  const words = useWords(account);
  const { devices, end, endOthers, ...kept } = useDevices();
  const [target, setTarget] = useState<Target | null>(null);
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
    setSaid(chosen === "others" ? words.othersEnded : fill(words.ended, { device: chosen.device }));
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
          {devices && <DeviceList devices={devices} onEnd={setTarget} />}
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
    title: fill(words.endDeviceTitle, { device: target.device }),
    text: fill(words.endDeviceText, { ip: target.ip }),
    action: words.logOut,
  };
}

interface DeviceListProps {
  devices: readonly Device[];
  /** End one; without it, the list is for looking at. */
  onEnd?: (device: Device) => void;
}

/** Devices: what they are, as the service calls them, where they are, when they were used last. */
export function DeviceList({ devices, onEnd }: DeviceListProps): ReactElement {
  const words = useWords(account);
  const c = useClass();
  if (devices.length === 0) return <p className={c("inset")}>{words.noDevices}</p>;
  return (
    <ul className={c("list")}>
      {devices.map((one) => (
        <Item
          key={one.id}
          icon={/iOS|iPhone|iPad|Android|Mobile/.test(one.device) ? "phone" : "laptop"}
          look={one.current && "accent"}
          title={
            <>
              <strong>{one.device}</strong> {one.current && <Badge look="accent">{words.thisDevice}</Badge>}
            </>
          }
          end={
            onEnd && (
              <Button
                aria-label={one.current ? words.endThis : fill(words.endDevice, { device: one.device, ip: one.ip })}
                onClick={() => onEnd(one)}
              >
                {words.logOut}
              </Button>
            )
          }
        >
          <p className={c("hint")}>
            <Say text={words.used} values={{ ip: one.ip, when: <Time at={one.last_used_at} /> }} />
          </p>
          <p className={c("hint")}>
            <Say
              text={words.loggedIn}
              values={{ since: <FullTime at={one.created_at} />, ends: <Time at={one.expires_at} /> }}
            />
          </p>
        </Item>
      ))}
    </ul>
  );
}
