/** Somebody who is logged in, for tests of what they see. */
import { type ReactElement, type ReactNode } from "react";
import { RequireSession } from "../src/index.js";
import { ADA, json, Service } from "./service.js";

export const GRACE = { ...ADA, id: "grace", email: "grace@example.com", full_name: "Grace Hopper" };
export const LAPTOP = {
  id: "laptop",
  created_at: "2026-11-23T09:10:07Z",
  last_used_at: "2026-11-23T09:10:07Z",
  expires_at: "2026-11-30T09:10:07Z",
  ip: "203.0.113.7",
  user_agent: "Mozilla/5.0",
  device: "Firefox on Linux",
  browser: "Firefox",
  system: "Linux",
  name: null,
  current: true,
  methods: ["pwd"],
  level: 1,
};
export const PHONE = {
  ...LAPTOP,
  id: "phone",
  device: "Mobile Safari on iOS",
  browser: "Mobile Safari",
  system: "iOS",
  ip: "198.51.100.9",
  current: false,
};
export const EVENT = {
  id: "1",
  type: "login.failed",
  created_at: ADA.created_at,
  session_id: null,
  ip: "203.0.113.7",
  user_agent: "Mozilla/5.0",
  device: "Chrome on macOS",
  browser: "Chrome",
  system: "macOS",
  detail: {},
};

/** A service where Ada is logged in, with two devices and one event. */
export function signedIn(options: ConstructorParameters<typeof Service>[0] = {}): Service {
  const service = new Service(options);
  service.answer("POST /api/auth/refresh", () => json({ access_token: "token", expires_in: 900 }));
  service.answer("GET /api/sessions", () => json([LAPTOP, PHONE]));
  service.answer("GET /api/users/me/events", () => json([EVENT]));
  return service;
}

export const inside = (children: ReactNode): ReactElement => <RequireSession>{children}</RequireSession>;
export const times = (service: Service, what: string): number => service.bodies(what).length;
