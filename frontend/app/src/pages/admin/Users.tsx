import { useCallback, useEffect, useState, type ReactElement } from "react";
import { Link, useSearchParams } from "react-router";
import { Icon } from "../../components/Icon";
import { Blank, InsetSkeleton, Loaded } from "../../components/Loading";
import { Badge, Page } from "../../components/Page";
import { Pager } from "../../components/Pager";
import { Select } from "../../components/Select";
import { Time } from "../../components/Time";
import { usePages } from "../../lib/usePages";
import type { User } from "../../services/types";
import userService from "../../services/userService";

const PER_PAGE = 20;
const TYPING_MS = 300;

const STATES = [
  ["", "Everyone"],
  ["true", "Enabled"],
  ["false", "Disabled"],
] as const;

/** Find users. What is looked for is in the address, so that it can be linked to, and gone back to. */
export default function UsersPage(): ReactElement {
  const [params, setParams] = useSearchParams();
  const search = params.get("q") ?? "";
  const state = params.get("is_active") ?? "";
  const [typed, setTyped] = useState(search);

  const set = useCallback(
    (name: string, value: string): void => {
      setParams(
        (before) => {
          const after = new URLSearchParams(before);
          if (value) after.set(name, value);
          else after.delete(name);
          return after;
        },
        { replace: true },
      );
    },
    [setParams],
  );
  useEffect(() => {
    if (typed === search) return undefined;
    const timer = setTimeout(() => set("q", typed), TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed, search, set]);

  const pages = usePages(`users ${state} ${search}`, (after, signal) =>
    userService.list(
      { limit: PER_PAGE, after, q: search || null, is_active: state === "" ? null : state === "true" },
      signal,
    ),
  );
  return (
    <Page
      title="Users"
      actions={
        <Link className="button button--primary" to="/admin/users/new">
          <Icon name="plus" size={18} />
          New user
        </Link>
      }
    >
      <search className="filters">
        <div className="field">
          <label className="field__label" htmlFor="search">
            Search
          </label>
          <input
            id="search"
            className="input"
            type="search"
            placeholder="Part of an address or a name"
            maxLength={254}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
        </div>
        <Select label="Show" value={state} options={STATES} onChange={(value) => set("is_active", value)} />
      </search>
      <section className="card card--flush" aria-label="Users">
        <Loaded resource={pages} skeleton={<InsetSkeleton lines={9} />}>
          {(page) =>
            page.items.length === 0 ? (
              <Blank icon="people" title="Nobody found">
                <p>No user’s address or name has this in it.</p>
              </Blank>
            ) : (
              <UserTable users={page.items} />
            )
          }
        </Loaded>
        <Pager pages={pages} what="users" />
      </section>
    </Page>
  );
}

function UserTable({ users }: { users: readonly User[] }): ReactElement {
  return (
    <table className="table table--cards">
      <thead>
        <tr>
          <th scope="col">User</th>
          <th scope="col">State</th>
          <th scope="col">Role</th>
          <th scope="col">Created</th>
        </tr>
      </thead>
      <tbody>
        {users.map((user) => (
          <tr key={user.id}>
            <th scope="row">
              <Link className="table__strong" to={`/admin/users/${user.id}`}>
                {user.email}
              </Link>
              {user.full_name && <span className="table__sub">{user.full_name}</span>}
            </th>
            <td data-label="State">
              <UserBadges user={user} />
            </td>
            <td data-label="Role">{user.is_superuser ? "Administrator" : "User"}</td>
            <td data-label="Created">
              <Time at={user.created_at} as="day" />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Whether the user may log in, and whether letters reach them. */
export function UserBadges({ user }: { user: User }): ReactElement {
  return (
    <span className="row">
      {user.is_active ? <Badge look="success">Enabled</Badge> : <Badge look="danger">Disabled</Badge>}
      {!user.email_verified && <Badge>Not confirmed</Badge>}
    </span>
  );
}
