/** `@latchkey/react/providers`: hooks of logging in with other providers, for whoever draws their own. */
export {
  useIdentities,
  useProviderLink,
  useProviderReturn,
  useProviders,
  type Identities,
  type Identity,
  type Leaving,
  type NotLinked,
  type ProviderLink,
  type ProviderReturn,
  type Providers,
} from "./hooks/useProviders.js";
