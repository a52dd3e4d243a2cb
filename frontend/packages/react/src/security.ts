/** `@latchkey/react/security`: hooks of second factors and passkeys, for whoever draws their own. */
export { passkeysAvailable } from "@latchkey/client/passkeys";
export { useFactors, useTrusted, type Factors, type Trusted } from "./hooks/useFactors.js";
export {
  usePasskeyAutofill,
  usePasskeyLogin,
  usePasskeySignUp,
  usePasskeys,
  usePasskeyStep,
  type Passkey,
  type Passkeys,
} from "./hooks/usePasskeys.js";
export { useSecondFactor, type SecondFactor } from "./hooks/useSecondFactor.js";
export { useStepUp, type StepUpAction } from "./hooks/useStepUp.js";
