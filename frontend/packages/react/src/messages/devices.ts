/** What devices are, in English: wherever one is shown. */
export const devices = {
  deviceOn: "{browser} on {system}",
  unknownBrowser: "Unknown browser",
} as const;
