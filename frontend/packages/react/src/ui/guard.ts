"use client";

import { useEffect } from "react";
import { forms, look } from "./unsaved.js";

const always = (): boolean => true;

/** Ask before the page is left, as long as this is on it. */
export function useGuard(): void {
  useEffect(() => {
    forms.add(always);
    look();
    return () => {
      forms.delete(always);
      look();
    };
  }, []);
}
