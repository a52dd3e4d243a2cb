/** The application, with all that it needs around it but a router. */
import type { ReactElement } from "react";
import App from "./App";
import { RootBoundary } from "./components/Boundary";
import { AuthProvider } from "./contexts/AuthContext";
import { ToastProvider } from "./contexts/ToastContext";

export default function Root(): ReactElement {
  return (
    <RootBoundary>
      <ToastProvider>
        <AuthProvider>
          <App />
        </AuthProvider>
      </ToastProvider>
    </RootBoundary>
  );
}
