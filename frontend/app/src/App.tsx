/** The routes. What administrators see is loaded only when somebody goes there. */
import {
  Activity,
  Devices,
  ForgotPassword,
  LetterPage,
  Profile,
  Security,
  SignIn,
  SignUp,
  Waiting,
  YourData,
} from "@latchkey/react";
import { AdminEvents, AdminUsers } from "@latchkey/react/admin";
import { GuestRoute, SessionRoute, usePlaceAt } from "@latchkey/react/react-router";
import type { ReactElement } from "react";
import { Navigate, Route, Routes } from "react-router";
import { AppLayout, WelcomeLayout } from "./components/Layout";
import { Nowhere, SuperuserRoute } from "./components/Places";
import { LINKS } from "./lib/links";
import { part } from "./lib/part";
import DashboardPage from "./pages/Dashboard";
import HomePage from "./pages/Home";

const StatisticsPage = part(() => import("./pages/admin/Statistics"));

export default function App(): ReactElement {
  return (
    <Routes>
      <Route element={<WelcomeLayout />}>
        <Route path="/" element={<HomePage />} />
        <Route element={<GuestRoute />}>
          <Route path="/login" element={<SignIn />} />
          <Route path="/login/mail" element={<SignIn way="mail" />} />
          {/* A log-in that owes a second step goes on in this; without one it begins. */}
          <Route path="/second-factor" element={<SignIn />} />
          <Route path="/register" element={<SignUp />} />
          <Route path="/forgot-password" element={<ForgotPassword />} />
        </Route>
        <Route path="/login/link" element={<LetterPage kind="login" />} />
        <Route path="/login/callback/:provider" element={<LetterPage kind="provider" />} />
        <Route path="/reset-password" element={<LetterPage kind="reset" />} />
        <Route path="/verify-email" element={<LetterPage kind="verify" />} />
        <Route path="/confirm-email" element={<LetterPage kind="confirm" />} />
        <Route path="/undo-email-change" element={<LetterPage kind="undo" />} />
        <Route path="/recover-second-factor" element={<LetterPage kind="recover" />} />
        <Route path="/keep-second-factor" element={<LetterPage kind="keep" />} />
      </Route>

      <Route element={<SessionRoute waiting={<Arriving />} />}>
        <Route element={<AppLayout />}>
          <Route path="/dashboard" element={<DashboardPage />} />
          <Route path="/profile" element={<Profile />} />
          <Route path="/security" element={<Security />} />
          {/* Where browsers are led that want to change a password: /.well-known/change-password. */}
          <Route path="/password" element={<Navigate to="/security" replace />} />
          <Route path="/devices" element={<Devices />} />
          <Route path="/activity" element={<Activity />} />
          <Route path="/your-data" element={<YourData />} />
          <Route element={<SuperuserRoute />}>
            <Route path={`${LINKS.adminUsers}/*`} element={<Users />} />
            <Route path={LINKS.adminEvents} element={<Events />} />
            <Route path="/admin/statistics" element={<StatisticsPage />} />
          </Route>
        </Route>
      </Route>
      <Route path="*" element={<Nowhere />} />
    </Routes>
  );
}

function Users(): ReactElement {
  return <AdminUsers {...usePlaceAt(LINKS.adminUsers)} />;
}

function Events(): ReactElement {
  return <AdminEvents {...usePlaceAt(LINKS.adminEvents)} />;
}

/** Before it is known whether somebody is signed in. */
function Arriving(): ReactElement {
  return (
    <WelcomeLayout>
      <Waiting />
    </WelcomeLayout>
  );
}
