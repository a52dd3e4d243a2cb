/** The pages of administrators, in one piece. */
export { AdminEvents } from "./Events.js";
export { AdminUsers } from "./Users.js";
export { TableContext } from "./words.js";
