/**
 * For an API of one's own, on any server that has `fetch` and WebCrypto: whose access token it is.
 *
 * In three ways: checked offline (`createVerifier`), asked of the service (`createIntrospector`), or asked once and kept
 * for as long as the service would say that it has ended (`followRevocations`).
 */
export {
  hasSessionCookie,
  InvalidToken,
  refusal,
  type Authenticates,
  type Claims,
  type Flaw,
  type HeadersOf,
  type Proofs,
  type Requested,
} from "./bearer.js";
export { followRevocations, type Follower, type FollowerOptions } from "./following.js";
export {
  createIntrospector,
  IntrospectionUnavailable,
  type ClientOptions,
  type Introspected,
  type Introspector,
  type IntrospectorOptions,
} from "./introspecting.js";
export { KeysUnavailable } from "./keys.js";
export { Unavailable } from "./unavailable.js";
export { createVerifier, type Verifier, type VerifierOptions } from "./verifying.js";
