/** Everything about one's own account, in one piece: whoever looks at one part of it looks at the next. */
export { Account } from "./Account.js";
export { Activity, LatestActivity } from "./Activity.js";
export { Devices } from "./Devices.js";
export { Profile } from "./Profile.js";
export { Security, Password } from "./Security.js";
export { YourData } from "./YourData.js";
