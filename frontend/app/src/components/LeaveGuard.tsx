/** Leaving a form that was changed asks first. */
import {
  createContext,
  useContext,
  useEffect,
  useRef,
  useState,
  type ReactElement,
  type ReactNode,
  type RefObject,
} from "react";
import { useBlocker } from "react-router";
import { Button } from "./Button";
import { Dialog } from "./Dialog";

type IsChanged = () => boolean;

const GuardContext = createContext<Set<IsChanged> | null>(null);

/** Asks for all forms inside: the router has room for one question at a time. */
export function LeaveGuard({ children }: { children: ReactNode }): ReactElement {
  const [forms] = useState(() => new Set<IsChanged>());
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) => currentLocation.pathname !== nextLocation.pathname && anyChanged(forms),
  );

  useEffect(() => {
    // A listener that is always there would keep browsers from going back to this page in an instant.
    let listening = false;
    const ask = (event: BeforeUnloadEvent): void => {
      if (anyChanged(forms)) event.preventDefault();
    };
    const look = (): void => {
      const changed = anyChanged(forms);
      if (changed === listening) return;
      listening = changed;
      if (changed) window.addEventListener("beforeunload", ask);
      else window.removeEventListener("beforeunload", ask);
    };
    document.addEventListener("input", look);
    return () => {
      document.removeEventListener("input", look);
      window.removeEventListener("beforeunload", ask);
    };
  }, [forms]);

  return (
    <GuardContext value={forms}>
      {children}
      {blocker.state === "blocked" && (
        <Dialog
          title="Leave without saving?"
          text="What you have changed on this page is not saved."
          onClose={() => blocker.reset()}
        >
          <div className="dialog__actions">
            <Button onClick={() => blocker.reset()}>Stay</Button>
            <Button look="danger" onClick={() => blocker.proceed()}>
              Leave
            </Button>
          </div>
        </Dialog>
      )}
    </GuardContext>
  );
}

/** Ask before a changed `form` is left, unless it is being sent: what it does may lead on to another page. */
export function useLeaveGuard(form: RefObject<HTMLFormElement | null>, on: boolean, busy: boolean): void {
  const guard = useContext(GuardContext);
  const sending = useRef(busy);
  useEffect(() => {
    sending.current = busy;
  });
  useEffect(() => {
    if (!guard || !on) return undefined;
    const isChanged = (): boolean => !sending.current && form.current !== null && changed(form.current);
    guard.add(isChanged);
    return () => void guard.delete(isChanged);
  }, [guard, form, on]);
}

function anyChanged(forms: ReadonlySet<IsChanged>): boolean {
  return [...forms].some((isChanged) => isChanged());
}

/** Whether something is filled in that wasn't there before. Spaces around it don't count: nothing keeps them. */
function changed(form: HTMLFormElement): boolean {
  return [...form.elements].some((field) => {
    if (!(field instanceof HTMLInputElement) || field.readOnly) return false;
    if (field.type === "checkbox") return field.checked !== field.defaultChecked;
    return field.value.trim() !== field.defaultValue.trim();
  });
}
