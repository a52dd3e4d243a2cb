import { createNativeClient } from "@latchkey/client/native";
import * as Keychain from "expo-secure-store";
import { AppState } from "react-native";

export const client = createNativeClient({
  baseUrl: "https://id.example.com",
  storage: {
    getItem: (key) => Keychain.getItemAsync(key),
    setItem: (key, value) =>
      Keychain.setItemAsync(key, value, { keychainAccessible: Keychain.AFTER_FIRST_UNLOCK_THIS_DEVICE_ONLY }),
    removeItem: (key) => Keychain.deleteItemAsync(key),
  },
  onWake: (wake) => {
    const listening = AppState.addEventListener("change", (state) => state === "active" && wake());
    return () => listening.remove();
  },
});
