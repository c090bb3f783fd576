// Codes that bring one booth and one specialist together (kiosk/secure/codes.py): the secret part never goes to the station.

import { base64, type Bytes, unbase64, utf8 } from "./bytes";

export interface Code {
  place: string;
  secret: Bytes;
  kind: "link" | "typed";
}

/** Wrong codes before a code is worth nothing. */
export const TRIES = 3;

/** The code in a link's fragment; null when it is something else. */
export function fromFragment(fragment: string): Code | null {
  const found = /^guest\.(\d{5})\.([A-Za-z0-9_-]{22})$/.exec(fragment);
  if (found === null) return null;
  return { place: found[1]!, secret: unbase64(`${found[2]!.replaceAll("-", "+").replaceAll("_", "/")}==`, 16), kind: "link" };
}

/** The code that somebody typed; spaces and hyphens do not matter. */
export function fromDigits(text: string): Code | null {
  const found = /^(\d{5})(\d{6})$/.exec(text.replace(/[\s.-]/g, ""));
  return found === null ? null : { place: found[1]!, secret: utf8(found[2]!), kind: "typed" };
}

/** A fresh secret part for a place of the station. */
export function make(place: string): Code {
  const [high, low] = crypto.getRandomValues(new Uint32Array(2));
  const number = ((BigInt(high!) << 32n) | BigInt(low!)) % 1_000_000n;
  return { place, secret: utf8(number.toString().padStart(6, "0")), kind: "typed" };
}

/** As it is shown and read aloud. */
export function text(code: Code): string {
  const digits = new TextDecoder().decode(code.secret);
  return `${code.place} ${digits.slice(0, 3)} ${digits.slice(3)}`;
}

/** As it stays in the tab's own storage over a reload, and back. */
export const keptText = (code: Code): string => (code.kind === "typed" ? text(code) : `guest.${code.place}.${base64(code.secret).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`);
export const kept = (stored: string): Code | null => fromDigits(stored) ?? fromFragment(stored);
