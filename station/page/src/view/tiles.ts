// The big calm numbers.

import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { Tile, Vitals } from "../data/vitals";
import "./strip";
import { ago, clock, decimal, known, t } from "../i18n";

/** Flags that say that all is as it should be. */
const EXPECTED = new Set(["fully-qualified-data", "validated-data"]);

/** Vitals whose last minutes are drawn. */
const TRENDS = new Set(["spo2", "pulse-rate", "heart-rate"]);

/** One tile a vital and device, each with value, unit, age, device and quality; "—" where there is no value. */
export function tiles(vitals: Vitals, now: number): TemplateResult {
  const all = vitals.ordered();
  if (all.length === 0) return html`<p class="quiet">${t("room.no-values")}</p>`;
  return html`<ul class="tiles">${repeat(all, (item) => item.key, (item) => tile(item, vitals, now))}</ul>`;
}

function tile(item: Tile, vitals: Vitals, now: number): TemplateResult {
  const { shown, state, age } = vitals.view(item, now);
  const label = known(`vital.${item.vital}`, item.vital);
  const device = shown?.device ?? item.live?.device ?? item.settled?.device ?? "";
  const value = shown?.text ?? null;
  return html`<li class="tile ${state}" data-vital=${item.vital} data-state=${state}>
    <h3>${label}</h3>
    <p class="reading"><span class="value ${size(value ?? "")}">${value === null ? "—" : decimal(value)}</span>${value === null ? nothing : html` <span class="unit">${shown!.unit}</span>`}${
      shown?.also ? html` <span class="also">${known(`vital.${shown.also.vital}`, shown.also.vital)} ${decimal(shown.also.text)}</span>` : nothing}</p>
    <p class="quality">${quality(state, shown?.absent ?? null, value)}${[...(shown?.flags ?? []), ...(shown?.remarks ?? [])].filter((key) => !EXPECTED.has(key)).map(
      (key) => html` <span class="remark">${known(`flag.${key}`, key.replaceAll("-", " "))}</span>`)}</p>
    <p class="source"><span class="device">${device}</span>${age === null ? nothing : html` · <span class="age">${ago(age)}</span>`}${
      state === "settled" ? html` · <span class="time">${clock(shown!.measured)}</span>` : nothing}</p>
    ${shown !== null && !shown.settled && TRENDS.has(item.vital) && item.trend.times.length > 1 ? html`<telecabine-strip class="trend" .strip=${item.trend} .height=${44} .every=${1000} aria-hidden="true"></telecabine-strip>` : nothing}
  </li>`;
}

// whatever its length, a value is shown whole
const size = (value: string): string => (value.length > 8 ? "longest" : value.length > 5 ? "long" : "");

function quality(state: "live" | "grey" | "settled" | "none", absent: string | null, value: string | null): TemplateResult {
  const word = { live: t("tile.live"), grey: t("tile.old"), settled: t("tile.settled"), none: t("tile.none") }[state];
  const why = value === null && state !== "none" ? ` · ${absent === null ? t("tile.none") : known(`flag.${absent}`, t("tile.none"))}` : "";
  return html`<span class="mark" aria-hidden="true"></span>${word}${why}`;
}
