/** Videos that HeyGen has already, as a person names them: one a line, by id or by the address of its page. */

export const MOST_LINES = 100;

export interface Tracked {
  id: string;
  title: string;
}

/** The videos of *text*, each once. After a comma, a semicolon or a tab a title may follow. */
export function trackedIn(text: string): Tracked[] {
  const found = new Map<string, Tracked>();
  for (const line of text.split(/\r\n|\r|\n/)) {
    const [, name = '', title = ''] = /^\s*([^,;\t]+)(?:[,;\t](.*))?$/.exec(line) ?? [];
    const id = idIn(name.trim());
    if (id !== '' && !found.has(id)) found.set(id, { id, title: title.trim() });
  }
  return [...found.values()];
}

/** `https://app.heygen.com/videos/ID?…` leads to ID; anything else is an id as it is. */
function idIn(name: string): string {
  if (!/^https?:\/\//i.test(name)) return name;
  return /^[^?#]*\/([^/?#]+)\/?(?:[?#]|$)/.exec(name)?.[1] ?? name;
}
