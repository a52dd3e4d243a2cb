/** Noticing that something takes long, so that a page can say so. */
import { useEffect, useState } from "react";

const LONG_MS = 5_000;

export const SLOW = "The service is taking its time. One moment more…";

/** Whether `waiting` has been true for five seconds. */
export function useSlow(waiting: boolean): boolean {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    if (!waiting) return undefined;
    const timer = setTimeout(() => setSlow(true), LONG_MS);
    return () => {
      clearTimeout(timer);
      setSlow(false);
    };
  }, [waiting]);
  return slow;
}
