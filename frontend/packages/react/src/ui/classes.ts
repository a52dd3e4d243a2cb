/** The classes of an element: ours, for `styles.css`, and those of the application. */
import { useSetting, type Slot } from "../core/setting.js";

/** `c("button", "primary")` is `lk-button lk-button-primary` and what the application gave for `button`. */
export function useClass(): (slot: Slot, ...variants: (string | false)[]) => string | undefined {
  const { classNames, styled } = useSetting();
  return (slot, ...variants) => {
    const own = styled ? [`lk-${slot}`, ...variants.map((one) => one && `lk-${slot}-${one}`)] : [];
    return [...own, classNames[slot]].filter(Boolean).join(" ") || undefined;
  };
}

/** What is there for those who hear the page, and for password managers. Without `styles.css` it has to be hidden by one's own. */
export const HIDDEN = "lk-hidden";
