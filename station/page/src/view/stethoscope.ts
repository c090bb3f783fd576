// The stethoscope: what it hears as a line, where it is put, listening, and keeping a piece of it.

import { html, nothing, type TemplateResult } from "lit";
import type { Room } from "../data/room";
import type { Site } from "../data/heart";
import { t } from "../i18n";
import { bodyMap } from "./body-map";
import "./ear";
import "./headphones";
import "./strip";

export interface Auscultates {
  listen(on: boolean): void;
  askSite(site: Site): void;
  keepSound(): void;
}

export function stethoscope(room: Room, now: number, act: Auscultates): TemplateResult | typeof nothing {
  const { heart, call } = room;
  const { state } = heart;
  if (state === null) return nothing;
  const running = state.state !== "off" && state.state !== "absent" && state.state !== "lost";
  const fresh = running ? room.vitals.freshness(heart.line.received, now) : "none";
  const sounds = call?.state === "connected" && room.left.sound === "full";
  return html`<section class="stethoscope" aria-labelledby="stethoscope" data-state=${state.state}>
    <h2 id="stethoscope">${t("stethoscope.title")}${state.site === "" ? nothing : html` · <span class="site">${t(`site.${state.site}`)}</span>`}</h2>
    <p role="status" class=${state.state === "on" ? "quiet" : "notice"}>${t(`stethoscope.${state.state}`)}</p>
    ${fresh === "none" ? nothing : html`<figure class="strip ${fresh}"><figcaption>${t("stethoscope.line")}${fresh === "grey" ? ` · ${t("tile.old")}` : ""}</figcaption>
      <telecabine-strip .strip=${heart.line} role="img" aria-label=${t("stethoscope.line")}></telecabine-strip></figure>`}
    ${heart.asked === null ? nothing : html`<p role="status" class="asked">${t("stethoscope.asked")} ${t(`site.${heart.asked}`)}</p>`}
    <div class="auscultation">
      ${bodyMap(state.site, room.phase === "open", (site) => act.askSite(site))}
      <div>
        <div class="buttons">
          <button data-act="listen" aria-pressed=${state.listening} ?disabled=${!running} @click=${() => act.listen(!state.listening)}>${
            t(state.listening ? "stethoscope.stop-listening" : "stethoscope.listen")}</button>
          <button data-act="keep" ?disabled=${!running || state.site === "" || state.keep === "asked"} @click=${act.keepSound}>${t("stethoscope.keep")}</button>
        </div>
        ${running && !sounds ? html`<p class="quiet">${t(state.listening ? "stethoscope.waits" : "stethoscope.no-sound")}</p>` : nothing}
        ${sounds && state.listening ? html`<p class="quiet">${t("stethoscope.listening")}</p>` : nothing}
        ${state.held ? html`<p role="status" class="notice held">${t("stethoscope.held")}</p>` : nothing}
        ${state.keep === "" ? nothing : html`<p role="status" class="keep" data-keep=${state.keep}>${t(`keep.${state.keep}`)}</p>`}
        <telecabine-headphones .language=${t("app.language")}></telecabine-headphones>
        <p class="quiet">${t("stethoscope.range")}</p>
      </div>
    </div>
    ${call === null ? nothing : html`<telecabine-ear .stream=${call.heart} .muted=${!state.listening}></telecabine-ear>`}
  </section>`;
}
