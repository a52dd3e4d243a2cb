/** Short messages that something worked. They go by themselves; screen readers hear them when they are done speaking. */
import { createContext, useCallback, useContext, useState, type ReactElement, type ReactNode } from "react";
import { Icon } from "../components/Icon";

const SHOWN_MS = 6000;

interface Message {
  id: number;
  text: string;
}

const ToastContext = createContext<((text: string) => void) | null>(null);

let lastId = 0;

export function ToastProvider({ children }: { children: ReactNode }): ReactElement {
  const [messages, setMessages] = useState<readonly Message[]>([]);
  const drop = useCallback((id: number) => setMessages((all) => all.filter((message) => message.id !== id)), []);
  const toast = useCallback(
    (text: string) => {
      const id = ++lastId;
      setMessages((all) => [...all.slice(-2), { id, text }]);
      setTimeout(() => drop(id), SHOWN_MS);
    },
    [drop],
  );
  return (
    <ToastContext value={toast}>
      {children}
      <div className="toasts" role="status">
        {messages.map(({ id, text }) => (
          <div key={id} className="toast">
            <span>{text}</span>
            <button type="button" className="toast__close" aria-label="Dismiss" onClick={() => drop(id)}>
              <Icon name="close" size={16} />
            </button>
          </div>
        ))}
      </div>
    </ToastContext>
  );
}

/** `toast("Saved.")` */
export function useToast(): (text: string) => void {
  const toast = useContext(ToastContext);
  if (!toast) throw new Error("useToast needs a ToastProvider above it");
  return toast;
}
