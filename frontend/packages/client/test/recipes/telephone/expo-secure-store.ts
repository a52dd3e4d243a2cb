/** As much of `expo-secure-store` as the recipe needs, in memory: a keychain that outlives the application. */

export interface SecureStoreOptions {
  keychainAccessible?: number;
}

export const AFTER_FIRST_UNLOCK_THIS_DEVICE_ONLY = 1;

/** What is in it, and how. */
export const kept = new Map<string, { value: string; options: SecureStoreOptions | undefined }>();

export async function getItemAsync(key: string): Promise<string | null> {
  await Promise.resolve();
  return kept.get(key)?.value ?? null;
}

export async function setItemAsync(key: string, value: string, options?: SecureStoreOptions): Promise<void> {
  await Promise.resolve();
  if (!/^[\w.-]+$/.test(key)) throw new Error("Invalid key");
  kept.set(key, { value, options });
}

export async function deleteItemAsync(key: string): Promise<void> {
  await Promise.resolve();
  kept.delete(key);
}
