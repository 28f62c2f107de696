/** A name that nobody else has. `randomUUID` is missing where the page came without TLS, so this is made by hand. */
export function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
