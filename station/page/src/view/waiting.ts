// Sign-in and waiting room.

import { html, nothing, type TemplateResult } from "lit";
import type { State } from "../data/consultation";
import { fingerprint } from "../data/directory";
import type { BackupFault } from "../data/backup";
import type { FaultKey } from "../data/fault";
import { type Identity, newborn } from "../data/keys";
import type { Entry } from "../messages";
import { duration, known, t } from "../i18n";

/** `again`: a guest may begin anew. */
export function signIn(state: State | null, problem: string, again: (() => void) | null): TemplateResult {
  const reason = state?.refusal ?? "";
  const refusal = reason === "" ? problem : known(`${again === null ? "" : "guest-"}refused.${reason}`, known(`refused.${reason}`, t("refused.other")));
  const offline = state?.connection === "offline";
  return html`<section class="panel narrow" aria-labelledby="title">
    <h1 id="title">${t("sign-in.title")}</h1>
    ${refusal !== "" ? html`<p role="alert" class="notice">${refusal}</p>` : html`<p role="status">${offline ? t("link.offline") : t("sign-in.busy")}</p>`}
    ${refusal !== "" && again !== null ? html`<div class="buttons"><button @click=${again}>${t("door.again")}</button></div>` : nothing}
  </section>`;
}

/** What can be done with the keys before they are listed. */
export interface Copy {
  said: "" | "made" | "restored" | BackupFault;
  backUp(): void;
  restore(event: Event): void;
}

/** In the place of the waiting room: the organisation does not know this browser's key, or does not trust it. */
export function notListed(state: State, why: FaultKey, own: Identity, mark: string, copy: Copy): TemplateResult {
  const asking = why === "key-not-listed";
  return html`<section class="panel narrow enrol" aria-labelledby="title">
    <h1 id="title">${t("enrol.title")}</h1>
    ${distrust(state)}
    ${asking ? html`<p role="status">${t("enrol.ask")}</p>` : html`<p role="alert" class="notice">${t(`own.${why}` as "own.key-revoked")}</p>`}
    <p><span class="label">${t("enrol.fingerprint")}</span> <strong class="fingerprint">${fingerprint("specialist", own.identity, own.sealing)}</strong></p>
    <p><span class="label">${t("enrol.organisation")}</span> <strong class="fingerprint">${mark}</strong></p>
    ${copy.said === "" ? nothing : html`<p role="status" class="notice">${t(`backup.${copy.said}`)}</p>`}
    ${newborn() === null ? nothing : html`<p>${t("backup.why")}</p><div class="buttons"><button class="back-up" @click=${copy.backUp}>${t("backup.make")}</button></div>`}
    <p><label for="copy">${t("backup.restore")}</label> <input id="copy" type="file" @change=${copy.restore}></p>
  </section>`;
}

/** What is wrong with the directory that the station gave. */
export const distrust = (state: State): TemplateResult | typeof nothing =>
  state.distrust === null ? nothing : html`<p role="alert" class="notice fault">${t(`fault.${state.distrust}`)}</p>`;

export function waitingRoom(state: State, now: number, enter: (entry: Entry) => void): TemplateResult {
  // who has come by a code of this page stands beside that code
  const entries = state.entries.filter((entry) => entry.code === undefined || !state.codes.has(entry.code));
  return html`<section class="panel waiting" aria-labelledby="title">
    <h1 id="title">${t("waiting.title")}</h1>
    ${distrust(state)}
    ${state.connection === "offline" ? html`<p role="status" class="notice">${t("link.offline")}</p>` : nothing}
    ${state.entryRefused !== "" ? html`<p role="alert" class="notice">${known(`refused.${state.entryRefused}`, t("refused.other"))}</p>` : nothing}
    ${entries.length === 0 ? html`<p>${t("waiting.empty")}</p>` : html`<ul class="entries">${entries.map((entry) => row(entry, now, enter))}</ul>`}
    <p class="quiet">${t("waiting.hint")}</p>
  </section>`;
}

function row(entry: Entry, now: number, enter: (entry: Entry) => void): TemplateResult {
  const wait = now - entry.since;
  return html`<li class="entry" data-consultation=${entry.consultation}>
    <p><span class="label">${t("waiting.ticket")}</span> <strong class="ticket">${entry.ticket}</strong></p>
    <p><span class="label">${t("waiting.booth")}</span> <span class="booth">${entry.booth}</span></p>
    <p><span class="label">${t("waiting.since")}</span> <span class="wait">${wait < 60_000 ? t("waiting.under") : duration(wait)}</span></p>
    ${entry.busy ? html`<p class="busy">${t("waiting.busy")}</p>` : html`<button class="primary" @click=${() => enter(entry)}>${t("waiting.enter")}</button>`}
  </li>`;
}
