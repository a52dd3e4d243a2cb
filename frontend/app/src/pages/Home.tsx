import { Link, Part, Title, useAuth, useOptions, useSetting, useWords, Waiting } from "@latchkey/react";
import type { ReactElement } from "react";
import { Navigate } from "react-router";
import { en } from "../words/en";

/** The door: straight in for whoever is signed in, two ways in for everyone else. */
export default function HomePage(): ReactElement {
  const { user, loading } = useAuth();
  const { links } = useSetting();
  const words = useWords(en);
  const closed = useOptions()?.registration === "closed";
  if (user) return <Navigate to="/dashboard" replace />;
  if (loading) return <Waiting />;
  return (
    <Part>
      <Title>{words["app.welcome"]}</Title>
      <p>{words["app.welcomeText"]}</p>
      <Link to={links.signIn} button="primary">
        {words.logIn}
      </Link>
      {!closed && (
        <Link to={links.signUp} button="secondary">
          {words.register}
        </Link>
      )}
    </Part>
  );
}
