"use client";

/** Devices, as the service knows them: what they are, what their user calls them, where they are, when they were used last. */
import type { ReactElement, ReactNode } from "react";
import { useWords } from "../../core/setting.js";
import type { Device } from "../../hooks/useAccount.js";
import { account } from "../../messages/account.js";
import { useClass } from "../../ui/classes.js";
import { Say } from "../../ui/Say.js";
import { FullTime, Time } from "../../ui/Time.js";
import { calledIn, deviceIn } from "./called.js";
import { Badge, Item } from "./pieces.js";

interface DeviceListProps {
  devices: readonly Device[];
  /** What can be done with one, which is called so; and what is shown below that. */
  actions?: (device: Device, called: string) => ReactNode;
  below?: (device: Device) => ReactNode;
}

/** Devices. A name stands before what the device is, and never instead of it: whoever is in may give any name. */
export function DeviceList({ devices, actions, below }: DeviceListProps): ReactElement {
  const words = useWords(account);
  const c = useClass();
  if (devices.length === 0) return <p className={c("inset")}>{words.noDevices}</p>;
  return (
    <ul className={c("list")}>
      {devices.map((one) => {
        const called = calledIn(words, one);
        return (
          <Item
            key={one.id}
            icon={/iOS|Android|Mobile/.test(one.device) ? "phone" : "laptop"}
            look={one.current && "accent"}
            title={
              <>
                <strong>{called}</strong> {one.current && <Badge look="accent">{words.thisDevice}</Badge>}{" "}
                {one.bound && <Badge look="plain">{words.bound}</Badge>}
              </>
            }
            end={actions?.(one, called)}
          >
            {below?.(one)}
            <p className={c("hint")}>
              {one.name && <span>{`${deviceIn(words, one)} · `}</span>}
              <Say text={words.used} values={{ ip: one.ip, when: <Time at={one.last_used_at} /> }} />
            </p>
            <p className={c("hint")}>
              <Say
                text={words.loggedIn}
                values={{ since: <FullTime at={one.created_at} />, ends: <Time at={one.expires_at} /> }}
              />
            </p>
          </Item>
        );
      })}
    </ul>
  );
}
