export { useLatchkey, useLetterToken, useSession, useUser } from "@latchkey/client/react";
export { Latchkey, type LatchkeyProps } from "./core/Latchkey.js";
export type { Auth } from "./core/auth.js";
export {
  hasPassword,
  mailWayOf,
  providersOf,
  type Asked,
  type MailWay,
  type Options,
  type ProviderWay,
  type Way,
} from "./core/options.js";
export { userOf } from "./core/known.js";
export { late, loaded, MissingPart } from "./core/late.js";
export { describe, isExpected, type Place, type Problem } from "./core/problem.js";
export {
  useAuth,
  useOptions,
  useSetting,
  useWords,
  type ClassNames,
  type Links,
  type Navigate,
  type Setting,
  type Slot,
} from "./core/setting.js";
export { useKept, type Kept } from "./core/kept.js";
export type { StepUpProps } from "./core/StepUpHost.js";
export { useCountdown, useLate, useOnline } from "./hooks/timing.js";
export {
  useActivity,
  useData,
  useDevices,
  usePassword,
  useProfile,
  type AccountEvent,
  type Device,
} from "./hooks/useAccount.js";
export { Cancelled, useAction, type Action } from "./hooks/useAction.js";
export {
  useForgotPassword,
  useLetter,
  useResend,
  type Asking,
  type Letter,
  type LetterKind,
  type Proof,
} from "./hooks/useLetter.js";
export { useSignIn, useSignUp, type NewAccount, type SignUp as SignUpAction } from "./hooks/useSignIn.js";
export type { Languages } from "./messages/choose.js";
export {
  endingOf,
  fill,
  type FirstWords,
  type Language,
  type Table,
  type Values,
  type Word,
  type Words,
} from "./messages/table.js";
export { pick } from "./messages/pick.js";
export {
  Account,
  Activity,
  Devices,
  LatestActivity,
  Password,
  Profile,
  Security,
  YourData,
  type AccountProps,
  type AccountSection,
} from "./parts/Account.js";
export { RequireSession, SignedIn, SignedOut } from "./parts/Gates.js";
export { LetterPage, VerifyEmail, type LetterPageProps } from "./parts/LetterPage.js";
export { SessionEnded } from "./parts/SessionEnded.js";
export { SignIn, type SignInProps } from "./parts/SignIn.js";
export { SignUp, type SignUpProps } from "./parts/SignUp.js";
export { ForgotPassword, Leaving, StepUp, Switched } from "./parts/Moments.js";
export { UserButton } from "./parts/UserButton.js";
export { Waiting } from "./parts/Waiting.js";
export { Button, type ButtonProps } from "./ui/Button.js";
export { Dialog } from "./ui/Dialog.js";
export { EmailField, NewPasswordField, PasswordField, TextField, Username } from "./ui/Fields.js";
export { Form, FormValues, Submit } from "./ui/Form.js";
export { Link } from "./ui/Link.js";
export { Notice, ProblemNotice, type NoticeLook } from "./ui/Notice.js";
export { Offline } from "./ui/Offline.js";
export { Part, Ways } from "./ui/Part.js";
export { Say } from "./ui/Say.js";
export { Title } from "./ui/Title.js";
export { hasUnsaved, useUnsaved } from "./ui/unsaved.js";
