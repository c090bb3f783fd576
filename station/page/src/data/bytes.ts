// Octets and their texts: what docs/crypto.md calls lp() and base64.

export type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

export const utf8 = (text: string): Bytes => encoder.encode(text);

/** Throws TypeError on what is not UTF-8. */
export const textOf = (bytes: Uint8Array): string => decoder.decode(bytes);

export function concat(...parts: Uint8Array[]): Bytes {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** A number as 8 octets, big-endian. */
export function u64(value: number): Bytes {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}

/** Fields, each prefixed with its length in 4 octets, big-endian. */
export function lp(...fields: (Uint8Array | string)[]): Bytes {
  const parts = fields.flatMap((field) => {
    const bytes = typeof field === "string" ? utf8(field) : field;
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, bytes.length);
    return [length, bytes];
  });
  return concat(...parts);
}

/** The fields of an lp(): throws RangeError unless they are exactly `count`, where it is given. */
export function fieldsOf(bytes: Uint8Array, count?: number): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fields: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length) {
    const length = view.getUint32(at);
    if (at + 4 + length > bytes.length) throw new RangeError("a field is cut");
    fields.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  if (count !== undefined && fields.length !== count) throw new RangeError(`${fields.length} fields instead of ${count}`);
  return fields;
}

export function base64(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

/** Throws on what is not base64, or not of `length` octets when it is given. */
export function unbase64(text: string, length?: number): Bytes {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  if (length !== undefined && bytes.length !== length) throw new RangeError(`${bytes.length} octets instead of ${length}`);
  return bytes;
}

export const same = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, at) => byte === b[at]);
