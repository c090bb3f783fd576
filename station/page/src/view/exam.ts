// Exam cameras: asking to see through one, asking for a photograph, and the photographs that the patient has let go.

import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { State } from "../data/consultation";
import type { Photo } from "../data/photos";
import type { Room } from "../data/room";
import type { ExamCameras } from "../messages";
import { clock, known, t } from "../i18n";

export interface ExamActions {
  /** "" = the booth's own camera again. */
  showCamera(camera: string): void;
  askPhoto(): void;
}

/** The booth's exam cameras, as far as it has any. */
export function exam(room: Room, act: ExamActions): TemplateResult | typeof nothing {
  const { exam: now } = room;
  if (now === null || now.cameras.length === 0 || room.phase !== "open") return nothing;
  const busy = now.photo === "taking" || now.photo === "asked";
  return html`<section class="panel exam" aria-labelledby="exam"><h2 id="exam">${t("exam.title")}</h2>
    <div class="buttons">
      ${now.cameras.map((camera) => html`<button data-camera=${camera} aria-pressed=${now.camera === camera} ?disabled=${now.camera === camera || busy}
        @click=${() => act.showCamera(camera)}>${known(`exam.see-${camera}`, camera)}</button>`)}
      ${now.state === "" ? nothing : html`<button class="away" @click=${() => act.showCamera("")}>${t("exam.away")}</button>`}
      ${now.state === "shown" ? html`<button class="primary photo" ?disabled=${busy} @click=${() => act.askPhoto()}>${t("exam.photo")}</button>` : nothing}
    </div>
    <p role="status">${said(now)}</p>
    ${now.missing.length === 0 ? nothing : html`<p role="status" class="notice">${now.missing.map((camera) => known(`exam.${camera}`, camera)).join(", ")} : ${t("exam.missing")}</p>`}
  </section>`;
}

function said(now: ExamCameras): string {
  if (now.photo !== "") return t(`exam.photo-${now.photo}`);
  if (now.state === "asked") return t("exam.asked");
  if (now.state === "shown") return `${t("exam.shown")} ${known(`exam.${now.camera}`, now.camera)}`;
  return now.refused === "" ? t("exam.what") : t("exam.refused");
}

/** The photographs of one consultation, large. */
export function photographs(state: State, consultation: string): TemplateResult | typeof nothing {
  const photos = state.photos.filter((photo) => photo.consultation === consultation);
  if (photos.length === 0) return nothing;
  return html`<section class="panel photographs" aria-labelledby="photographs"><h2 id="photographs">${t("exam.photographs")}</h2>
    ${repeat(photos, (photo) => photo.id, (photo) => figure(photo, state.seen.has(photo.id)))}</section>`;
}

function figure(photo: Photo, seen: boolean): TemplateResult {
  const words = [photo.camera, photo.site].filter((word) => word !== "").join(", ");
  return html`<figure data-envelope=${photo.id}>
    ${photo.url === null ? html`<p role="alert" class="notice">${t("exam.damaged")}</p>`
      : html`<button class="large" aria-label="${t("exam.larger")}: ${words}" @click=${larger}><img src=${photo.url} alt=${words} width=${photo.width} height=${photo.height}></button>`}
    <figcaption>${words} · ${photo.booth} · ${clock(photo.at)} · ${photo.width} × ${photo.height} <span class="seen">${seen ? t("settled.seen") : ""}</span></figcaption>
  </figure>`;
}

/** The picture alone, as large as the window; any touch or key brings the page back. */
function larger(event: Event): void {
  const image = (event.currentTarget as HTMLElement).querySelector("img");
  void image?.requestFullscreen?.().then(() => {
    const back = (): void => void document.exitFullscreen().catch(() => undefined);
    image.addEventListener("click", back, { once: true });
  }).catch(() => undefined);
}
