/** The routes. The administrators' part is loaded only when somebody goes there. */
import { lazy, type ReactElement } from "react";
import { Navigate, Route, Routes } from "react-router";
import { AppLayout, WelcomeLayout } from "./components/Layout";
import ProtectedRoute, { GuestRoute, SuperuserRoute } from "./components/ProtectedRoute";
import ActivityPage from "./pages/Activity";
import DashboardPage from "./pages/Dashboard";
import DevicesPage from "./pages/Devices";
import ForgotPasswordPage from "./pages/ForgotPassword";
import HomePage from "./pages/Home";
import { ConfirmEmailPage, UndoEmailChangePage } from "./pages/LinkPage";
import LoginPage from "./pages/Login";
import MailLinkPage from "./pages/MailLink";
import MailLoginPage from "./pages/MailLogin";
import NotFoundPage from "./pages/NotFound";
import PasswordPage from "./pages/Password";
import ProfilePage from "./pages/Profile";
import RegisterPage from "./pages/Register";
import ResetPasswordPage from "./pages/ResetPassword";
import VerifyEmailPage from "./pages/VerifyEmail";
import YourDataPage from "./pages/YourData";

const UsersPage = lazy(() => import("./pages/admin/Users"));
const NewUserPage = lazy(() => import("./pages/admin/NewUser"));
const UserDetailPage = lazy(() => import("./pages/admin/UserDetail"));
const EventsPage = lazy(() => import("./pages/admin/Events"));
const StatisticsPage = lazy(() => import("./pages/admin/Statistics"));

export default function App(): ReactElement {
  return (
    <Routes>
      <Route element={<WelcomeLayout />}>
        <Route path="/" element={<HomePage />} />
        <Route element={<GuestRoute />}>
          <Route path="/login" element={<LoginPage />} />
          <Route path="/login/mail" element={<MailLoginPage />} />
          <Route path="/register" element={<RegisterPage />} />
          <Route path="/forgot-password" element={<ForgotPasswordPage />} />
        </Route>
        <Route path="/login/link" element={<MailLinkPage />} />
        <Route path="/reset-password" element={<ResetPasswordPage />} />
        <Route path="/verify-email" element={<VerifyEmailPage />} />
        <Route path="/confirm-email" element={<ConfirmEmailPage />} />
        <Route path="/undo-email-change" element={<UndoEmailChangePage />} />
        <Route path="/404" element={<NotFoundPage />} />
        <Route path="*" element={<Navigate to="/404" replace />} />
      </Route>

      <Route element={<ProtectedRoute />}>
        <Route element={<AppLayout />}>
          <Route path="/dashboard" element={<DashboardPage />} />
          <Route path="/profile" element={<ProfilePage />} />
          <Route path="/password" element={<PasswordPage />} />
          <Route path="/devices" element={<DevicesPage />} />
          <Route path="/activity" element={<ActivityPage />} />
          <Route path="/your-data" element={<YourDataPage />} />
          <Route element={<SuperuserRoute />}>
            <Route path="/admin/users" element={<UsersPage />} />
            <Route path="/admin/users/new" element={<NewUserPage />} />
            <Route path="/admin/users/:id" element={<UserDetailPage />} />
            <Route path="/admin/events" element={<EventsPage />} />
            <Route path="/admin/statistics" element={<StatisticsPage />} />
          </Route>
        </Route>
      </Route>
    </Routes>
  );
}
