export { EVENT_TYPES, eventName, eventTone } from "@latchkey/react/events";
