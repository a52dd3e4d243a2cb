/** The objects of the API (docs/api.md), as the pages use them. */
import type { components } from "@latchkey/client";

type Schemas = components["schemas"];

export type User = Schemas["UserResponse"];
export type Session = Schemas["SessionResponse"];
