"use client";

import { useLatchkey } from "@latchkey/react";
import { useEffect, useState } from "react";

export default function Notes() {
  const client = useLatchkey();
  const [notes, setNotes] = useState<string[]>([]);
  useEffect(() => {
    void client.fetch("/notes").then(async (answer) => answer.ok && setNotes(await answer.json()));
  }, [client]);

  async function add(form: FormData) {
    const answer = await client.fetch("/notes", { method: "POST", body: String(form.get("note")) });
    if (answer.ok) setNotes(await answer.json());
  }
  return (
    <>
      <h1>{notes.length} notes</h1>
      <ul>
        {notes.map((note, number) => (
          <li key={number}>{note}</li>
        ))}
      </ul>
      <form action={add}>
        <input name="note" aria-label="Note" required /> <button>Add</button>
      </form>
    </>
  );
}
