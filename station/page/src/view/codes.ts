// The specialist's one-time codes for patients: made here, read aloud or sent, and entered by when the patient has come.

import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { text, TRIES } from "../data/codes";
import type { State } from "../data/consultation";
import type { PatientCode } from "../data/patient-codes";
import type { Entry } from "../messages";
import { known, minutes, t } from "../i18n";
import { qr } from "./qr";
import "./copy";

export interface CodeActions {
  make(): void;
  cancel(place: string): void;
  enter(entry: Entry): void;
}

export function patientCodes(state: State, now: number, act: CodeActions): TemplateResult {
  return html`<section class="panel waiting codes" aria-labelledby="codes">
    <h2 id="codes">${t("codes.title")}</h2>
    <p>${t("codes.why")}</p>
    ${repeat([...state.codes.values()], (made) => made.code.place, (made) => row(made, state, now, act))}
    ${state.codeRefused === "" ? nothing : html`<p role="alert" class="notice">${known(`refused.${state.codeRefused}`, t("refused.other"))}</p>`}
    <div class="buttons"><button class="make-code" ?disabled=${state.connection !== "online"} @click=${act.make}>${t("codes.make")}</button></div>
  </section>`;
}

function row(made: PatientCode, state: State, now: number, act: CodeActions): TemplateResult {
  const { place } = made.code;
  const entry = state.entries.find((waiting) => waiting.code === place);
  const over = made.tries >= TRIES ? "codes.spent" : entry === undefined && now >= made.expires ? "codes.expired" : null;
  return html`<article class="patient-code" data-place=${place}>
    ${over !== null ? html`<p role="alert" class="notice">${t(over)}</p>` : html`
      <div class="code-read">
        <div><p class="digits" aria-label=${[...text(made.code).replaceAll(" ", "")].join(" ")}>${text(made.code)}</p>
          <p class="quiet">${entry === undefined ? `${t("codes.lasts")} ${minutes(made.expires - now)}` : t("codes.once")}</p></div>
        ${entry === undefined ? qr(text(made.code), t("codes.qr")) : nothing}
      </div>
      ${made.tries === 0 ? nothing : html`<p role="status" class="notice">${t("codes.wrong")} ${TRIES - made.tries}</p>`}
      ${entry === undefined ? html`<p role="status" class="expected">${t("codes.expected")}</p>` : html`<p role="status" class="notice arrived">${t("codes.arrived")} ${entry.booth}, ${t("waiting.ticket")} ${entry.ticket}</p>`}`}
    <div class="buttons">
      ${over === null && entry !== undefined ? html`<button class="primary" @click=${() => act.enter(entry)}>${t("waiting.enter")}</button>` : nothing}
      ${over === null && entry === undefined ? html`<telecabine-copy .text=${text(made.code)} .label=${t("codes.copy")}></telecabine-copy>` : nothing}
      <button class="cancel-code" @click=${() => act.cancel(place)}>${t(over === null ? "codes.cancel" : "codes.remove")}</button>
    </div>
  </article>`;
}
