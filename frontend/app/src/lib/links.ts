/** Where the pages are that parts lead to. */
import type { Links } from "@latchkey/react";

export const LINKS = {
  signIn: "/login",
  signUp: "/register",
  forgotPassword: "/forgot-password",
  verifyEmail: "/verify-email",
  account: "/dashboard",
  settings: "/profile",
  adminUsers: "/admin/users",
  adminEvents: "/admin/events",
} as const satisfies Links;
