// A guest of one consultation in this tab: the invitation by which the page was opened, kept over a reload until it has let the guest in.

import { type Code, fromDigits, fromFragment, kept, keptText } from "./codes";

const KEPT = "telecabine-guest";

/** `code` is null once it has served: the booth knows this browser's key. */
export interface Invitation {
  code: Code | null;
  name: string;
}

/** Who this tab is a guest as; null when it is none. */
export function keptGuest(): Invitation | null {
  const stored = sessionStorage.getItem(KEPT);
  if (stored === null) return null;
  const { code, name } = JSON.parse(stored) as { code: string; name: string };
  return { code: kept(code), name };
}

export function keepGuest({ code, name }: Invitation): void {
  sessionStorage.setItem(KEPT, JSON.stringify({ code: code === null ? "" : keptText(code), name }));
}

export function forgetGuest(): void {
  sessionStorage.removeItem(KEPT);
}

/** What a guest has opened or typed: the whole link, what stands behind its #, or the digits. Null when it is none of them. */
export const invitationIn = (text: string): Code | null => fromDigits(text) ?? fromFragment(text.trim().replace(/^.*#/, ""));
