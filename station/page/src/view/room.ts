// The consultation: picture, tiles, curves, code, text, kept measurements, report.

import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { State } from "../data/consultation";
import type { Room } from "../data/room";
import type { Settled } from "../data/bundle";
import type { Situation } from "../messages";
import { clock, day, decimal, known, t } from "../i18n";
import { type Auscultates, stethoscope } from "./stethoscope";
import { tiles } from "./tiles";
import { distrust } from "./waiting";
import "./clip";
import { exam, type ExamActions, photographs } from "./exam";
import { invitation, type InvitationActions } from "./invitation";
import "./picture";
import "./strip";

export interface Actions extends InvitationActions, ExamActions, Auscultates {
  verify(same: boolean): void;
  say(text: string): void;
  write(text: string): void;
  ask(vital: string): void;
  reveal(reason: string): void;
  report(text: string, conclusion: string, prescriptions: string): void;
  leave(): void;
  back(): void;
  retryCall(): void;
  exportBundle(consultation: string): void;
  saveRecord(id: string): void;
  stripDrawn(vital: string): void;
}

const faultText = ({ fault, invited }: Room): string => known(`${invited ? "guest-" : ""}fault.${fault}`, known(`fault.${fault}`, ""));

/** What can be asked for. */
const ASKED = ["blood-pressure", "spo2", "temperature", "glucose", "weight", "ecg"];

export function roomView(state: State, room: Room, now: number, act: Actions, organised: boolean): TemplateResult {
  const over = room.phase === "ended" || room.phase === "fault";
  return html`<div class="room ${room.phase}" data-phase=${room.phase}>
    ${head(room, act, over)}
    ${room.situation?.training === true ? html`<p class="notice">${t("room.training")}</p>` : nothing}
    ${room.cut ? html`<p role="status" class="notice cut">${t("cut")}</p>` : nothing}
    ${distrust(state)}
    ${organised || over || room.verified || room.invited ? nothing : html`<p role="status" class="notice alone">${t("room.no-organisation")}</p>`}
    ${room.fault !== null ? html`<p role="alert" class="notice fault">${faultText(room)}</p>` : nothing}
    ${over ? ended(room) : html`<div class="columns">
      <div class="left">${room.invited ? guestsNote() : specialistsLeft(state, room, act)}${conversation(room, act)}${room.invited ? nothing : report(room, act)}</div>
      <div class="right">
        <section aria-labelledby="values"><h2 id="values">${t("room.values")}${late(room, now)}</h2>${tiles(room.vitals, now)}</section>
        ${strips(room, now, act)}
        ${room.invited ? nothing : stethoscope(room, now, act)}
        ${room.phase === "open" && !room.invited ? ask(room, act) : nothing}
        ${room.phase === "open" && !room.invited ? invitation(room, Date.now(), act) : nothing}
        ${room.invited ? nothing : kept(state, room.consultation, act)}
      </div>
    </div>`}
    ${over && !room.invited ? html`${photographs(state, room.consultation)}${kept(state, room.consultation, act)}` : nothing}
  </div>`;
}

function specialistsLeft(state: State, room: Room, act: Actions): TemplateResult {
  const open = room.phase === "open";
  return html`${open && room.situation?.pseudonym === true ? pseudonym(act) : nothing}${picture(room, act)}${open && !room.verified ? code(room, act) : nothing}${exam(room, act)}${photographs(state, room.consultation)}`;
}

/** What a guest has, and has not. */
const guestsNote = (): TemplateResult => html`<section class="panel"><h2>${t("guest-room.title")}</h2><p>${t("guest-room.what")}</p></section>`;

function head(room: Room, act: Actions, over: boolean): TemplateResult {
  const { situation } = room;
  return html`<header class="room-head">
    <div>
      <h1>${situation?.patient || `${t("waiting.ticket")} ${room.ticket}`}</h1>
      <p>${situation?.birthDate ? html`${t(situation.sex === "female" ? "room.born-f" : "room.born")} ${day(situation.birthDate)} · ` : nothing}${room.booth}${
        situation !== null && situation.present.length > 0 ? html` · ${t("room.present")} ${situation.present.map((who) => known(`present.${who}`, who)).join(", ")}` : nothing}</p>
      ${situation === null ? nothing : identity(situation)}
    </div>
    <p class="phase" role="status"><span class="mark" aria-hidden="true"></span>${t(`phase.${room.phase}`)}${
      room.verified && room.phase === "open" ? html` · <span class="verified">${t("code.verified")}</span> <span class="digits small">${spaced(room.digits)}</span>` : nothing}</p>
    <div>${over ? html`<button class="primary" @click=${act.back}>${t(!room.invited ? "room.back" : room.phase === "fault" ? "door.again" : "guest-room.close")}</button>` : html`<button class="leave" @click=${act.leave}>${t(room.invited ? "guest-room.leave" : "room.leave")}</button>`}</div>
  </header>`;
}

/** How far the identity was checked, and who answers for a minor. */
function identity(situation: Situation): TemplateResult | typeof nothing {
  const { identity: status = "", guardian = "" } = situation;
  if (status === "") return nothing;
  const minor = guardian === "" ? "" : guardian === "none" ? ` · ${t("guardian.none")}` : ` · ${t("guardian.with")} ${guardian}`;
  return html`<p class="identity">${known(`identity.${status}`, status)}${minor}</p>`;
}

/** The patient is known by a pseudonym: the name only for a reason, which the patient reads. */
function pseudonym(act: Actions): TemplateResult {
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    act.reveal(((event.currentTarget as HTMLFormElement).elements.namedItem("reason") as HTMLInputElement).value);
  };
  return html`<section class="panel pseudonym" aria-labelledby="pseudonym"><h2 id="pseudonym">${t("pseudonym.title")}</h2>
    <p>${t("pseudonym.text")}</p>
    <form @submit=${submit}><label for="reason">${t("pseudonym.reason")}</label>
      <input id="reason" name="reason" autocomplete="off" required maxlength="500">
      <button>${t("pseudonym.reveal")}</button></form>
  </section>`;
}

function picture(room: Room, act: Actions): TemplateResult {
  const { call } = room;
  const shown = call !== null && call.state !== "failed" && call.remote.getVideoTracks().length > 0;
  const problem = call?.state === "failed" ? t(`call.${call.reason === "" ? "lost" : call.reason}`) : call?.state === "interrupted" ? t("video.interrupted") : "";
  return html`<section class="pictures" aria-label=${t("video.title")} data-call=${call?.state ?? "none"}>
    <div class="stage">
      ${shown ? html`<telecabine-picture class="remote" .stream=${call.remote} .label=${t("video.remote")}></telecabine-picture>`
        : html`<p class="placeholder">${problem !== "" ? problem : t("video.starting")}</p>`}
      ${room.local !== null && room.local.getVideoTracks().length > 0
        ? html`<telecabine-picture class="own" own .stream=${room.local} .label=${t("video.own")}></telecabine-picture>` : nothing}
    </div>
    ${shown && problem !== "" ? html`<p role="status" class="notice">${problem}</p>` : nothing}
    ${room.left.picture === "moving" && room.left.sound !== "none" ? nothing : html`<p role="status" class="notice left">${
      t(room.left.sound === "none" ? "left.sound-none" : room.left.picture === "stills" ? "left.picture-stills" : "left.picture-none")}</p>`}
    ${room.media === "both" || room.call === null ? nothing : html`<p role="status" class="media">${t(`media.${room.media}`)}</p>`}
    ${call?.state === "failed" || (call !== null && room.media === "no-decision") ? html`<button @click=${act.retryCall}>${t("video.retry")}</button>` : nothing}
  </section>`;
}

function late(room: Room, now: number): TemplateResult | typeof nothing {
  const delay = room.phase === "open" ? room.vitals.delay(now) : null;
  if (delay === null) return nothing;
  return html` <span class="delay" data-delay=${Math.round(delay)}>${t("room.delay")} ${delay < 100 ? t("room.delay-none") : `${decimal((delay / 1000).toFixed(1))} ${t("unit.s")}`}</span>`;
}

const spaced = (digits: string): string => `${digits.slice(0, 3)} ${digits.slice(3)}`;

function code(room: Room, act: Actions): TemplateResult {
  return html`<section class="panel code" aria-labelledby="code">
    <h2 id="code">${t("code.title")}</h2>
    <p class="digits" aria-label=${[...room.digits].join(" ")}>${spaced(room.digits)}</p>
    <p>${t("code.ask")}</p>
    <div class="buttons">
      <button class="primary" @click=${() => act.verify(true)}>${t("code.same")}</button>
      <button @click=${() => act.verify(false)}>${t("code.different")}</button>
    </div>
  </section>`;
}

function strips(room: Room, now: number, act: Actions): TemplateResult | typeof nothing {
  const all = [...room.strips.values()].filter((strip) => room.vitals.freshness(strip.received, now) !== "none");
  if (all.length === 0) return nothing;
  return html`<section aria-labelledby="strips"><h2 id="strips">${t("room.strips")}</h2>
    ${repeat(all, (strip) => strip.vital, (strip) => html`<figure class="strip ${room.vitals.freshness(strip.received, now)}"><figcaption>${known(`vital.${strip.vital}`, strip.vital)}${
      room.vitals.freshness(strip.received, now) === "grey" ? ` · ${t("tile.old")}` : ""}</figcaption>
      <telecabine-strip .strip=${strip} role="img" aria-label=${known(`vital.${strip.vital}`, strip.vital)} @drawn=${() => act.stripDrawn(strip.vital)}></telecabine-strip></figure>`)}
  </section>`;
}

function ask(room: Room, act: Actions): TemplateResult {
  const asked = (event: Event, vital: string): void => {
    act.ask(vital);
    const button = event.currentTarget as HTMLButtonElement;
    button.setAttribute("aria-pressed", "true");
    setTimeout(() => button.removeAttribute("aria-pressed"), 3_000);
  };
  return html`<section class="ask" aria-labelledby="ask"><h2 id="ask">${t("ask.title")}</h2><div class="buttons">
    ${ASKED.map((vital) => html`<button @click=${(event: Event) => asked(event, vital)}>${t(`vital.${vital}` as "vital.spo2")}</button>`)}
  </div>${room.situation === null ? nothing : html`<p class="quiet">${room.situation.instruments.map((item) => item.name).join(" · ")}</p>`}</section>`;
}

function conversation(room: Room, act: Actions): TemplateResult {
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const field = form.elements.namedItem("line") as HTMLInputElement;
    act.say(field.value);
    field.value = "";
  };
  return html`<section class="panel conversation" aria-labelledby="text">
    <h2 id="text">${t("text.title")}</h2>
    <div role="log" tabindex="0" aria-labelledby="text"><ul>${room.lines.map((line) => html`<li class=${line.own ? "own" : "theirs"}>
      <span class="who">${line.own ? t("text.me") : line.by || t("text.booth")} · ${clock(line.at)}</span> ${line.text}</li>`)}${
      room.draft === "" ? nothing : html`<li class="theirs draft"><span class="who">${t("text.booth")} · ${t("text.writing")}</span> ${room.draft}</li>`}</ul></div>
    <form @submit=${submit}><label for="line">${t("text.field")}</label>
      <input id="line" name="line" @input=${(event: InputEvent) => act.write((event.currentTarget as HTMLInputElement).value)} autocomplete="off" maxlength="2000" ?disabled=${room.phase !== "open"}>
      <button class="primary" ?disabled=${room.phase !== "open"}>${t("text.send")}</button></form>
  </section>`;
}

/** What the mailbox has brought of one consultation. */
export function kept(state: State, consultation: string, act: Actions): TemplateResult {
  const settled = state.settled.filter((item) => item.consultation === consultation);
  const records = state.records.filter((item) => item.consultation === consultation);
  const empty = settled.length === 0 && records.length === 0;
  return html`<section class="panel kept" aria-labelledby="kept-${consultation}">
    <h2 id="kept-${consultation}">${t("settled.title")}</h2>
    ${state.unreadable > 0 ? html`<p role="alert" class="notice">${t("settled.unreadable")} (${state.unreadable})</p>` : nothing}
    ${empty ? html`<p class="quiet">${t("settled.none")}</p>` : html`<ul class="rows">
      ${repeat(settled, (item) => item.id, (item) => settledRow(item, state.seen.has(item.id)))}
      ${repeat(records, (item) => item.id, (item) => html`<li data-envelope=${item.id}><span class="what">${t("settled.record")}</span>
        <span class="from">${item.booth} · ${clock(item.created)}</span> <button @click=${() => act.saveRecord(item.id)}>${t("export.record")}</button>
        <span class="seen">${state.seen.has(item.id) ? t("settled.seen") : ""}</span></li>`)}
    </ul>`}
    ${settled.length === 0 && !state.photos.some((photo) => photo.consultation === consultation) ? nothing : html`<button class="export" @click=${() => act.exportBundle(consultation)}>${t("export.bundle")}</button>`}
  </section>`;
}

function settledRow(item: Settled, seen: boolean): TemplateResult {
  return html`<li data-envelope=${item.id}>
    <span class="what">${item.sound === null ? nothing : html`<strong>${item.sound.title}</strong> · ${decimal(item.sound.seconds.toFixed(1))} ${t("unit.s")}
      <telecabine-clip .wav=${item.sound.wav} .label=${item.sound.title}></telecabine-clip>`}${item.values.map((value, at) => html`${at > 0 ? " · " : ""}${known(`loinc.${value.code}`, value.label)} <strong>${value.value === null ? "—" : decimal(value.value)}</strong> ${value.value === null ? "" : value.unit}`)}${
      item.rejected ? html` <span class="remark">${t("flag.rejected")}</span>` : nothing}</span>
    <span class="from">${item.device}${item.device === "" ? "" : " · "}${item.booth} · ${clock(item.at)}</span>
    <span class="seen">${seen ? t("settled.seen") : ""}</span>
  </li>`;
}

function report(room: Room, act: Actions): TemplateResult {
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const read = (name: string): string => (form.elements.namedItem(name) as HTMLTextAreaElement).value;
    act.report(read("text"), read("conclusion"), read("prescriptions"));
  };
  return html`<section class="panel report" aria-labelledby="report"><h2 id="report">${t("report.title")}</h2>
    <form @submit=${submit}>
      <label for="report-text">${t("report.text")}</label><textarea id="report-text" name="text" rows="4" required maxlength="20000"></textarea>
      <label for="report-prescriptions">${t("report.prescriptions")}</label><textarea id="report-prescriptions" name="prescriptions" rows="2" maxlength="4000"></textarea>
      <label for="report-conclusion">${t("report.conclusion")}</label><textarea id="report-conclusion" name="conclusion" rows="2" maxlength="4000"></textarea>
      <button class="primary" ?disabled=${room.phase !== "open"}>${t("report.send")}</button>
      <span role="status">${room.reportSent ? t("report.sent") : ""}</span>
    </form></section>`;
}

function ended(room: Room): TemplateResult {
  if (room.phase === "fault") return html``;
  return html`<section class="panel" role="status"><h2>${t("phase.ended")}</h2>
    ${room.record === "" ? nothing : html`<p>${t("ended.record")} <code>${room.record}</code></p>`}
    <p>${t(room.invited ? "guest-room.ended" : "ended.wipe")}</p></section>`;
}
