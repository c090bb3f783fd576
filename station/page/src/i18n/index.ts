// The texts of the screens: French first.

import { en } from "./en";
import { fr, type Key } from "./fr";

export type { Key };
export type Language = "fr" | "en";

const STORED = "telecabine-language";
const texts: Record<Language, Record<Key, string>> = { fr, en };
let current: Language = localStorage.getItem(STORED) === "en" ? "en" : "fr";

export const language = (): Language => current;

export function speak(chosen: Language): void {
  current = chosen;
  localStorage.setItem(STORED, chosen);
  document.documentElement.lang = chosen;
}

export const t = (key: Key): string => texts[current][key];

/** The text of a key that came from elsewhere, or `otherwise`. */
export const known = (key: string, otherwise: string): string => (key in fr ? t(key as Key) : otherwise);

/** "12 s", "3 min", "2 h". */
export function duration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds} ${t("unit.s")}`;
  return seconds < 3600 ? `${Math.floor(seconds / 60)} ${t("unit.min")}` : `${Math.floor(seconds / 3600)} ${t("unit.h")}`;
}

/** What is left, in minutes; at least one. */
export const minutes = (ms: number): string => `${Math.max(1, Math.ceil(ms / 60_000))} ${t("unit.min")}`;

/** "il y a 12 s", "12 s ago". */
export const ago = (ms: number): string => (ms < 2000 ? t("age.now") : current === "fr" ? `il y a ${duration(ms)}` : `${duration(ms)} ago`);

/** A date such as 1951-04-12 as people write it. */
export const day = (date: string): string => (current === "fr" && /^\d{4}-\d\d-\d\d$/.test(date) ? date.split("-").reverse().join("/") : date);

const timeOfDay = (of: Language): Intl.DateTimeFormat => new Intl.DateTimeFormat(of, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
// kept: to make one costs a hundred times what using it does, and rows are rendered many times a second
const clocks: Record<Language, Intl.DateTimeFormat> = { fr: timeOfDay("fr"), en: timeOfDay("en") };

export const clock = (time: number | string): string => {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? "—" : clocks[current].format(date);
};

/** A decimal text with the language's decimal sign; every digit stays. */
export const decimal = (text: string): string => (current === "fr" ? text.replaceAll(".", ",") : text);
