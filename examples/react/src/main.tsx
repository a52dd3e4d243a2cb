import { Latchkey, LetterPage, RequireSession, Security, useLatchkey } from "@latchkey/react";
import "@latchkey/react/styles.css";
import { useEffect, useState } from "react";
import { createRoot } from "react-dom/client";

const NOTES = import.meta.env.VITE_NOTES_URL ?? "http://localhost:8001";

function Notes() {
  const client = useLatchkey();
  const [notes, setNotes] = useState<string[]>([]);
  useEffect(() => void client.fetch(`${NOTES}/notes`).then(async (answer) => setNotes(await answer.json())), [client]);
  return <main><h1>{notes.length} notes</h1><button onClick={() => client.logout()}>Log out</button><Security /></main>;
}

createRoot(document.querySelector("#root")!).render(
  <Latchkey options={{ origins: [NOTES] }}><LetterPage><RequireSession><Notes /></RequireSession></LetterPage></Latchkey>,
);
