// What a guest sees before and after the consultation: the door, and why it does not open.

import { html, nothing, type TemplateResult } from "lit";
import { invitationIn } from "../data/guest";
import type { Code } from "../data/codes";
import type { State } from "../data/consultation";
import { known, t } from "../i18n";

export interface Door {
  /** The invitation of the link; null = its digits are asked for. */
  code: Code | null;
  wrong: boolean;
  come(code: Code | null, name: string): void;
}

/** Who are you? And the digits, when there was no link. */
export function door(at: Door): TemplateResult {
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const read = (name: string): string => ((event.currentTarget as HTMLFormElement).elements.namedItem(name) as HTMLInputElement | null)?.value ?? "";
    at.come(at.code ?? invitationIn(read("code")), read("name").trim());
  };
  return html`<section class="panel narrow door" aria-labelledby="door">
    <h1 id="door">${t(at.code === null ? "door.title-digits" : "door.title")}</h1>
    <p>${t("door.what")}</p>
    <form @submit=${submit}>
      ${at.code !== null ? nothing : html`<label for="code">${t("door.digits")}</label>
        <input id="code" name="code" class="big" inputmode="numeric" autocomplete="off" maxlength="200" required>
        ${at.wrong ? html`<p role="alert" class="notice">${t("door.wrong")}</p>` : nothing}`}
      <label for="name">${t("door.name")}</label>
      <input id="name" name="name" autocomplete="name" maxlength="80" required pattern=".*\\S.*">
      <p class="quiet">${t("door.shown")}</p>
      <button class="primary">${t("door.enter")}</button>
    </form>
  </section>`;
}

/** In the place of the waiting room: the consultation is not there (yet), or is over. */
export function guestWaits(state: State, again: () => void): TemplateResult {
  return html`<section class="panel narrow" aria-labelledby="title">
    <h1 id="title">${t("door.title")}</h1>
    ${state.entryRefused === "" ? html`<p role="status">${t(state.connection === "online" ? "door.waits" : "link.offline")}</p>`
      : html`<p role="alert" class="notice">${known(`guest-refused.${state.entryRefused}`, t("refused.other"))}</p>`}
    <div class="buttons"><button @click=${again}>${t("door.again")}</button></div>
  </section>`;
}
