"use client";

import type { KeyboardEvent, ReactElement } from "react";
import { useSetting, useWords } from "../../core/setting.js";
import type { Device } from "../../hooks/useAccount.js";
import { useAction } from "../../hooks/useAction.js";
import { account } from "../../messages/account.js";
import { Button } from "../../ui/Button.js";
import { useClass } from "../../ui/classes.js";
import { TextField } from "../../ui/Fields.js";
import { Form, Submit } from "../../ui/Form.js";

interface NameDeviceProps {
  device: Device;
  /** Ask for the devices anew. */
  reload: () => Promise<void>;
  /** The name is saved, or the reader thought better of it. */
  onDone: () => void;
}

/** As many characters as the service takes. */
const LONGEST = 64;

/** The id of the button that a device is named with. */
export const buttonOf = ({ id }: Device): string => `lk-name-${id}`;

/** A form in the device's own row. Enter saves, Escape leaves it; the focus goes back to the button that it came from. */
export function NameDevice({ device, reload, onDone }: NameDeviceProps): ReactElement {
  const { client } = useSetting();
  const words = useWords(account);
  const c = useClass();
  const action = useAction(
    async (name: string) => {
      await client.call("PATCH", "/api/sessions/{session_id}", { path: { session_id: device.id }, body: { name } });
      await reload();
    },
    { fields: ["name"] },
  );
  const done = (): void => {
    onDone();
    document.getElementById(buttonOf(device))?.focus();
  };
  const keys = (event: KeyboardEvent): void => {
    if (event.key === "Escape") done();
  };
  return (
    <Form
      id="device"
      action={action}
      takesFocus
      onSubmit={(values) => void action.submit(values.text("name")).then((saved) => saved && done())}
    >
      <TextField
        name="name"
        label={words.deviceName}
        defaultValue={device.name ?? ""}
        maxLength={LONGEST}
        autoComplete="off"
        onKeyDown={keys}
      />
      <div className={c("row")}>
        <Submit wide={false}>{words.saveName}</Submit>
        <Button onClick={done}>{words.cancel}</Button>
      </div>
    </Form>
  );
}
