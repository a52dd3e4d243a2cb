import { useCallback, type ReactElement, type ReactNode } from "react";
import { Link } from "react-router";
import { DownloadButton } from "../../components/DownloadButton";
import { Icon } from "../../components/Icon";
import { Blank, InsetSkeleton, Loaded } from "../../components/Loading";
import { Badge, Page } from "../../components/Page";
import { Pager } from "../../components/Pager";
import { Select } from "../../components/Select";
import { Time } from "../../components/Time";
import { useAddress, useLeaving, type Address } from "../../lib/useAddress";
import { usePagesAt } from "../../lib/usePages";
import { useTyped } from "../../lib/useTyped";
import type { User } from "../../services/types";
import userService, { type UserFilter, type UserSort } from "../../services/userService";

const PER_PAGE = 20;
const NEWEST: UserSort = "-created_at";
const FILTERS = ["q", "is_active", "is_superuser", "email_verified"] as const;

const STATES = [
  ["", "All"],
  ["true", "Enabled"],
  ["false", "Disabled"],
] as const;
const ROLES = [
  ["", "All"],
  ["true", "Administrators"],
  ["false", "Users"],
] as const;
const ADDRESSES = [
  ["", "All"],
  ["true", "Confirmed"],
  ["false", "Not confirmed"],
] as const;
const SORTS = [
  ["-created_at", "Newest first"],
  ["created_at", "Oldest first"],
  ["-last_login_at", "Latest log-in first"],
  ["last_login_at", "Longest not logged in first"],
  ["email", "E-mail, A to Z"],
  ["-email", "E-mail, Z to A"],
] as const satisfies readonly (readonly [UserSort, string])[];

/** Find users. What is looked for, the order and the page are in the address: to be linked to, and gone back to. */
export default function UsersPage(): ReactElement {
  const address = useAddress();
  const filter = filterOf(address);
  const { set } = address;
  const search = useTyped(
    address.get("q"),
    useCallback((text: string) => set({ q: text }), [set]),
  );
  const pages = usePagesAt(address, `users ${JSON.stringify(filter)}`, (after, signal) =>
    userService.list({ ...filter, limit: PER_PAGE, after }, signal),
  );
  const sortBy = (sort: string): void => set({ sort: sort === NEWEST ? "" : sort });
  return (
    <Page
      title="Users"
      actions={
        <>
          <DownloadButton path="/api/users.csv" query={filter} />
          <Link className="button button--primary" to="/admin/users/new">
            <Icon name="plus" size={18} />
            New user
          </Link>
        </>
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
            placeholder="Address or name"
            maxLength={254}
            value={search.text}
            onChange={(event) => search.type(event.target.value)}
          />
        </div>
        <Choice label="State" name="is_active" options={STATES} address={address} />
        <Choice label="Role" name="is_superuser" options={ROLES} address={address} />
        <Choice label="Address" name="email_verified" options={ADDRESSES} address={address} />
        {/* Where there is room for the heads of the columns, they sort. */}
        <div className="only-cards">
          <Select label="Order" value={filter.sort} options={SORTS} onChange={sortBy} />
        </div>
      </search>
      <section className="card card--flush" aria-label="Users">
        <Loaded resource={pages} skeleton={<InsetSkeleton lines={9} />}>
          {(page) =>
            page.items.length === 0 ? (
              <Nobody address={address} />
            ) : (
              <UserTable users={page.items} sort={filter.sort} onSort={sortBy} />
            )
          }
        </Loaded>
        <Pager pages={pages} what="users" />
      </section>
    </Page>
  );
}

type Filter = Omit<UserFilter, "limit" | "after">;

function filterOf(address: Address): Filter {
  const asked = address.get("sort");
  return {
    q: address.get("q") || null,
    is_active: yesOrNo(address.get("is_active")),
    is_superuser: yesOrNo(address.get("is_superuser")),
    email_verified: yesOrNo(address.get("email_verified")),
    sort: SORTS.find(([sort]) => sort === asked)?.[0] ?? NEWEST,
  };
}

function yesOrNo(text: string): boolean | null {
  return text === "true" ? true : text === "false" ? false : null;
}

function Choice({
  label,
  name,
  options,
  address,
}: {
  label: string;
  name: string;
  options: readonly (readonly [string, string])[];
  address: Address;
}): ReactElement {
  return (
    <Select
      label={label}
      value={address.get(name)}
      options={options}
      onChange={(value) => address.set({ [name]: value })}
    />
  );
}

function Nobody({ address }: { address: Address }): ReactElement {
  const filtered = FILTERS.some((name) => address.get(name));
  return (
    <Blank icon="people" title="Nobody found">
      <p>{filtered ? "No user fits what you are looking for." : "There are no more users here."}</p>
    </Blank>
  );
}

interface TableProps {
  users: readonly User[];
  sort: UserSort;
  onSort: (sort: UserSort) => void;
}

function UserTable({ users, sort, onSort }: TableProps): ReactElement {
  const leaving = useLeaving("Users");
  const heads = { sort, onSort };
  return (
    <table className="table table--cards">
      <thead>
        <tr>
          <Sorted {...heads} by="email">
            User
          </Sorted>
          <th scope="col">State</th>
          <th scope="col">Role</th>
          <Sorted {...heads} by="last_login_at">
            Last log-in
          </Sorted>
          <Sorted {...heads} by="created_at">
            Created
          </Sorted>
        </tr>
      </thead>
      <tbody>
        {users.map((user) => (
          <tr key={user.id}>
            <th scope="row">
              <Link className="table__strong" to={`/admin/users/${user.id}`} state={leaving}>
                {user.email}
              </Link>
              {user.full_name && <span className="table__sub">{user.full_name}</span>}
            </th>
            <td data-label="State">
              <UserBadges user={user} />
            </td>
            <td data-label="Role">{user.is_superuser ? "Administrator" : "User"}</td>
            <td data-label="Last log-in">{user.last_login_at ? <Time at={user.last_login_at} /> : "Never"}</td>
            <td data-label="Created">
              <Time at={user.created_at} as="day" />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface SortedProps {
  by: "email" | "last_login_at" | "created_at";
  sort: UserSort;
  onSort: (sort: UserSort) => void;
  children: ReactNode;
}

/** The head of a column that sorts: pressed once it does so as one expects of it, pressed again the other way round. */
function Sorted({ by, sort, onSort, children }: SortedProps): ReactElement {
  const usual: UserSort = by === "email" ? by : `-${by}`;
  const other: UserSort = by === "email" ? `-${by}` : by;
  const way = sort === by ? "ascending" : sort === `-${by}` ? "descending" : undefined;
  return (
    <th scope="col" aria-sort={way}>
      <button type="button" className="table__sort" onClick={() => onSort(sort === usual ? other : usual)}>
        {children}
        <span aria-hidden="true">{way === "ascending" ? " ▲" : way === "descending" ? " ▼" : " ↕"}</span>
      </button>
    </th>
  );
}

/** Whether the user may log in, and whether e-mails reach them. */
export function UserBadges({ user }: { user: User }): ReactElement {
  return (
    <span className="row">
      {user.is_active ? <Badge look="success">Enabled</Badge> : <Badge look="danger">Disabled</Badge>}
      {!user.email_verified && <Badge>Not confirmed</Badge>}
    </span>
  );
}
