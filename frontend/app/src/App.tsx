/** The routes. The administrators' part is loaded only when somebody goes there. */
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
import { GuestRoute, SessionRoute } from "@latchkey/react/react-router";
import type { ReactElement } from "react";
import { Navigate, Route, Routes } from "react-router";
import { AppLayout, WelcomeLayout } from "./components/Layout";
import { Nowhere, SuperuserRoute } from "./components/Places";
import { part } from "./lib/part";
import DashboardPage from "./pages/Dashboard";
import HomePage from "./pages/Home";

const UsersPage = part(() => import("./pages/admin/Users"));
const NewUserPage = part(() => import("./pages/admin/NewUser"));
const UserDetailPage = part(() => import("./pages/admin/UserDetail"));
const EventsPage = part(() => import("./pages/admin/Events"));
const StatisticsPage = part(() => import("./pages/admin/Statistics"));

export default function App(): ReactElement {
  return (
    <Routes>
      <Route element={<WelcomeLayout />}>
        <Route path="/" element={<HomePage />} />
        <Route element={<GuestRoute />}>
          <Route path="/login" element={<SignIn />} />
          <Route path="/login/mail" element={<SignIn way="mail" />} />
          <Route path="/register" element={<SignUp />} />
          <Route path="/forgot-password" element={<ForgotPassword />} />
        </Route>
        <Route path="/login/link" element={<LetterPage kind="login" />} />
        <Route path="/reset-password" element={<LetterPage kind="reset" />} />
        <Route path="/verify-email" element={<LetterPage kind="verify" />} />
        <Route path="/confirm-email" element={<LetterPage kind="confirm" />} />
        <Route path="/undo-email-change" element={<LetterPage kind="undo" />} />
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
            <Route path="/admin/users" element={<UsersPage />} />
            <Route path="/admin/users/new" element={<NewUserPage />} />
            <Route path="/admin/users/:id" element={<UserDetailPage />} />
            <Route path="/admin/events" element={<EventsPage />} />
            <Route path="/admin/statistics" element={<StatisticsPage />} />
          </Route>
        </Route>
      </Route>
      <Route path="*" element={<Nowhere />} />
    </Routes>
  );
}

/** Before it is known whether somebody is signed in. */
function Arriving(): ReactElement {
  return (
    <WelcomeLayout>
      <Waiting />
    </WelcomeLayout>
  );
}
