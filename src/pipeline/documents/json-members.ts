// Pieces of JSON text from which documents are put together without objects in between. Names are the code's own and need no
// escaping; each piece begins with its comma, so that pieces are joined by writing them one after the other.

/** `,"name":"text"`, escaped; nothing for `null`. */
export function textMember(name: string, value: string | null): string {
  return value === null ? '' : `,"${name}":${JSON.stringify(value)}`;
}

/** `,"name":42`; nothing for `null`. The number is finite. */
export function numberMember(name: string, value: number | null): string {
  return value === null ? '' : `,"${name}":${value}`;
}

/** `,"name":["a","b"]`; nothing for an empty list. */
export function listMember(name: string, values: readonly string[]): string {
  if (values.length === 0) return '';
  return values.length === 1 ? `,"${name}":[${JSON.stringify(values[0])}]` : `,"${name}":${JSON.stringify(values)}`;
}

/** `,"name":{…}` around other members; nothing where there are none. */
export function objectMember(name: string, members: string): string {
  return members === '' ? '' : `,"${name}":{${members.slice(1)}}`;
}
