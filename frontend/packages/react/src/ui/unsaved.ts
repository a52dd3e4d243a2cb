"use client";

/** Forms that were changed and not sent: leaving the page asks first. */
import { useEffect, useRef, type RefObject } from "react";

type IsChanged = () => boolean;

/** What there is on the page that can be changed; each says whether it is. */
export const forms = new Set<IsChanged>();
let guarded = false;

/** Whether there is something on the page that somebody has typed and not sent. For a router that can be held back. */
export function hasUnsaved(): boolean {
  return [...forms].some((isChanged) => isChanged());
}

function ask(event: BeforeUnloadEvent): void {
  if (hasUnsaved()) event.preventDefault();
}

/** Look whether the page may be left without asking. A listener that is always there would keep browsers from going back to the page in an instant. */
export function look(): void {
  const changed = hasUnsaved();
  if (changed === guarded) return;
  guarded = changed;
  if (changed) window.addEventListener("beforeunload", ask);
  else window.removeEventListener("beforeunload", ask);
}

/** Ask before a changed `form` is left, unless it is being sent: what it does may lead on to another page. */
export function useUnsaved(form: RefObject<HTMLFormElement | null>, on: boolean, busy: boolean): void {
  const sending = useRef(busy);
  useEffect(() => {
    sending.current = busy;
  });
  useEffect(() => {
    if (!on) return undefined;
    const isChanged = (): boolean => !sending.current && form.current !== null && changed(form.current);
    forms.add(isChanged);
    document.addEventListener("input", look);
    return () => {
      forms.delete(isChanged);
      if (forms.size === 0) document.removeEventListener("input", look);
      look();
    };
  }, [form, on]);
}

/** Whether something is filled in that wasn't there before. Spaces around it don't count: nothing keeps them. */
function changed(form: HTMLFormElement): boolean {
  return [...form.elements].some((field) => {
    if (!(field instanceof HTMLInputElement) || field.readOnly) return false;
    if (field.type === "checkbox") return field.checked !== field.defaultChecked;
    return field.value.trim() !== field.defaultValue.trim();
  });
}
