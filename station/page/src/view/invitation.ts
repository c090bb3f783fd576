// The guest of this consultation, as the specialist sees it: asked for, invited by a link or digits, here, gone.

import { html, nothing, type TemplateResult } from "lit";
import type { Room } from "../data/room";
import type { Guest } from "../messages";
import { known, minutes, t } from "../i18n";
import { qr } from "./qr";
import "./copy";

export interface InvitationActions {
  invite(): void;
  dismiss(): void;
}

const OVER = new Set<Guest["state"]>(["refused", "left", "dismissed", "failed"]);

export function invitation(room: Room, now: number, act: InvitationActions): TemplateResult {
  const { guest } = room;
  const over = guest === null || OVER.has(guest.state) || (guest.state === "invited" && now >= (guest.expires ?? 0));
  return html`<section class="panel invitation" aria-labelledby="guest" data-guest=${guest?.state ?? "none"}>
    <h2 id="guest">${t("guest.title")}</h2>
    ${guest === null ? html`<p>${t("guest.why")}</p>` : said(guest, now)}
    <div class="buttons">${over ? html`<button class="invite" @click=${act.invite}>${t(guest === null ? "guest.invite" : "guest.again")}</button>`
      : html`<button class="dismiss" @click=${act.dismiss}>${t(guest.state === "here" || guest.state === "away" ? "guest.dismiss" : "guest.withdraw")}</button>`}</div>
  </section>`;
}

function said(guest: Guest, now: number): TemplateResult {
  if (guest.state !== "invited") return html`<p role="status" class=${guest.state === "here" ? "here" : "notice"}>${guest.name ? html`<strong>${guest.name}</strong> ` : nothing}${t(`guest.${guest.state}`)}${
    guest.reason ? ` ${known(`guest-reason.${guest.reason}`, "")}` : ""}</p>`;
  if (now >= (guest.expires ?? 0)) return html`<p role="alert" class="notice">${t("guest.expired")}</p>`;
  const link = `${location.origin}/#${guest.link ?? ""}`;
  return html`<p role="status">${t("guest.invited")} ${minutes((guest.expires ?? 0) - now)}</p>
    <div class="code-read">
      <div>
        <p class="label">${t("guest.by-link")}</p>
        <p><telecabine-copy .text=${link} .label=${t("guest.copy")}></telecabine-copy></p>
        <p class="label">${t("guest.by-digits")} <span class="address">${location.host}</span></p>
        <p class="digits">${guest.digits}</p>
      </div>
      ${qr(link, t("guest.qr"))}
    </div>`;
}
