/** As much of it as is used here: it has no types of its own. */
declare module "oidc-provider" {
  import type { RequestListener } from "node:http";

  export interface Context {
    path: string;
    oidc: { params?: Record<string, string | undefined>; client?: { clientId: string } };
  }

  export default class Provider {
    constructor(issuer: string, configuration: object);
    callback(): RequestListener;
    on(event: string, listener: (ctx: Context, ...more: unknown[]) => void): void;
  }
}
