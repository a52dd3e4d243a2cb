import type { ReactElement } from "react";
import { Link, Navigate } from "react-router";
import { Skeleton } from "../components/Loading";
import { PageTitle } from "../components/Page";
import { ProblemNotice } from "../components/ProblemNotice";
import { useAuth } from "../contexts/AuthContext";

/** The door: straight in for whoever is signed in, two ways in for everyone else. */
export default function HomePage(): ReactElement {
  const { user, loading, error } = useAuth();
  if (user) return <Navigate to="/dashboard" replace />;
  if (loading) return error ? <ProblemNotice problem={error} retrying /> : <Skeleton lines={4} />;
  return (
    <div className="stack stack--loose">
      <PageTitle>Welcome</PageTitle>
      <p>One account. See every device that is signed in to it, and sign any of them out, at once.</p>
      <Link className="button button--primary button--wide" to="/login">
        Log in
      </Link>
      <Link className="button button--secondary button--wide" to="/register">
        Create an account
      </Link>
    </div>
  );
}
