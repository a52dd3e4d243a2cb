"use client";

import { useCallback, type ReactElement, type ReactNode } from "react";
import { useUsers, type Account, type UserFilter, type UserSort } from "../../hooks/useAdmin.js";
import { useClass } from "../../ui/classes.js";
import { FullTime, Time } from "../../ui/Time.js";
import { Badge, Card, Loaded, Said } from "../account/pieces.js";
import { useRemembered } from "./lists.js";
import { Blank, Download, Filter, Page, Pager, Select, To } from "./pieces.js";
import type { Here } from "./place.js";
import { useWords } from "./words.js";

const PER_PAGE = 20;
const NEWEST: UserSort = "-created_at";
const FILTERS = ["q", "is_active", "is_superuser", "email_verified"] as const;
const SORTS: readonly UserSort[] = ["-created_at", "created_at", "-last_login_at", "last_login_at", "email", "-email"];

interface UserListProps {
  here: Here;
  /** How often something was changed: a list that was seen before isn't shown again. */
  turn: number;
  /** What has just been done. */
  said: string;
}

/** Find users. What is looked for, the order and the page are in the place: to be linked to, and gone back to. */
export function UserList({ here, turn, said }: UserListProps): ReactElement {
  const words = useWords();
  const c = useClass();
  const filter = filterOf(here);
  const { set, at } = here;
  const list = useUsers(filter, PER_PAGE, here.after, turn);
  useRemembered("users", at);
  const search = useCallback((text: string) => set({ q: text }), [set]);
  const sortBy = (sort: string): void => set({ sort: sort === NEWEST ? "" : sort });
  const { all, enabled, disabled, administrators, ordinary, confirmed, unconfirmed } = words;
  const orders = [
    words.newestFirst,
    words.oldestFirst,
    words.latestFirst,
    words.longestFirst,
    words.emailUp,
    words.emailDown,
  ];
  const choice = (label: string, name: string, yes: string, no: string): ReactElement => (
    <Select
      label={label}
      value={here.get(name)}
      options={[
        ["", all],
        ["true", yes],
        ["false", no],
      ]}
      onChange={(value) => set({ [name]: value })}
    />
  );
  return (
    <Page
      title={words.users}
      actions={
        <>
          <Download path="/api/users.csv" query={{ ...filter }} />
          <To here={here} at="new" button="primary">
            {words.newUser}
          </To>
        </>
      }
    >
      <Said>{said && <p>{said}</p>}</Said>
      <div role="search" className={c("filters")}>
        <Filter
          name="search"
          label={words.search}
          type="search"
          hint={words.searchHint}
          value={here.get("q")}
          atOnce
          onChange={search}
        />
        {choice(words.state, "is_active", enabled, disabled)}
        {choice(words.role, "is_superuser", administrators, ordinary)}
        {choice(words.ownAddress, "email_verified", confirmed, unconfirmed)}
        {/* Where there is room for the heads of the columns, they sort. */}
        <div className="lk-narrow">
          <Select
            label={words.order}
            value={filter.sort}
            options={SORTS.map((sort, index) => [sort, orders[index] ?? sort] as const)}
            onChange={sortBy}
          />
        </div>
      </div>
      <Card look="flush" label={words.users}>
        <Loaded of={list} rows={9}>
          {list.data &&
            (list.data.items.length === 0 ? (
              <Blank title={words.nobody}>
                <p>{FILTERS.some((name) => here.get(name)) ? words.nobodyFits : words.nobodyMore}</p>
              </Blank>
            ) : (
              <UserTable here={here} users={list.data.items} sort={filter.sort} onSort={sortBy} />
            ))}
        </Loaded>
        <Pager here={here} list={list} text={words.pageOfUsers} />
      </Card>
    </Page>
  );
}

function filterOf(here: Here): UserFilter {
  const asked = here.get("sort");
  return {
    q: here.get("q") || null,
    is_active: yesOrNo(here.get("is_active")),
    is_superuser: yesOrNo(here.get("is_superuser")),
    email_verified: yesOrNo(here.get("email_verified")),
    sort: SORTS.find((sort) => sort === asked) ?? NEWEST,
  };
}

function yesOrNo(text: string): boolean | null {
  return text === "true" ? true : text === "false" ? false : null;
}

interface TableProps {
  here: Here;
  users: readonly Account[];
  sort: UserSort;
  onSort: (sort: UserSort) => void;
}

function UserTable({ here, users, sort, onSort }: TableProps): ReactElement {
  const words = useWords();
  const c = useClass();
  const heads = { sort, onSort };
  return (
    <table className={c("table")}>
      <thead>
        <tr>
          <Sorted {...heads} by="email">
            {words.user}
          </Sorted>
          <th scope="col">{words.state}</th>
          <th scope="col">{words.role}</th>
          <Sorted {...heads} by="last_login_at">
            {words.lastLogin}
          </Sorted>
          <Sorted {...heads} by="created_at">
            {words.since}
          </Sorted>
        </tr>
      </thead>
      <tbody>
        {users.map((user) => (
          <tr key={user.id}>
            <th scope="row">
              <To here={here} at={user.id}>
                {user.email}
              </To>
              {user.full_name && <p className={c("hint")}>{user.full_name}</p>}
            </th>
            <td data-label={words.state}>
              <States user={user} />
            </td>
            <td data-label={words.role}>{user.is_superuser ? words.administrator : words.user}</td>
            <td data-label={words.lastLogin}>{user.last_login_at ? <Time at={user.last_login_at} /> : words.never}</td>
            <td data-label={words.since}>
              <FullTime at={user.created_at} />
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
      <button type="button" onClick={() => onSort(sort === usual ? other : usual)}>
        {children}
        <span aria-hidden="true">{way === "ascending" ? " ▲" : way === "descending" ? " ▼" : " ↕"}</span>
      </button>
    </th>
  );
}

/** Whether the user may log in, and whether e-mails reach them. */
export function States({ user }: { user: Account }): ReactElement {
  const words = useWords();
  return (
    <span className={useClass()("row")}>
      {user.is_active ? <Badge look="success">{words.enabled}</Badge> : <Badge look="danger">{words.disabled}</Badge>}
      {!user.email_verified && <Badge look="plain">{words.unconfirmed}</Badge>}
    </span>
  );
}
