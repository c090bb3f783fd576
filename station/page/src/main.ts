// The specialist's page.

import sodium from "libsodium-wrappers";
import { html, LitElement, nothing, type TemplateResult } from "lit";
import { Consultation, type State } from "./data/consultation";
import { BackupError, backUp, restore } from "./data/backup";
import { pinOf, Trust } from "./data/directory";
import { Fault } from "./data/fault";
import { type Identity, identity } from "./data/keys";
import { curvePainted, type Measures, measures, now, numberPainted } from "./data/measures";
import { Station } from "./data/station";
import { type Code, fromFragment } from "./data/codes";
import { forgetGuest, type Invitation, keepGuest, keptGuest } from "./data/guest";
import { forgetRoom } from "./data/room";
import { known, language, speak, t } from "./i18n";
import type { Curve, Entry, Values } from "./messages";
import { patientCodes } from "./view/codes";
import { door, guestWaits } from "./view/guest";
import { photographs } from "./view/exam";
import { type Actions, kept, roomView } from "./view/room";
import { type Copy, notListed, signIn, waitingRoom } from "./view/waiting";

declare global {
  interface Window {
    /** Diagnostic, read-only: times and counts of this page, never a value. See data/measures.ts. */
    readonly telecabineMeasures: Measures;
  }
}
Object.defineProperty(window, "telecabineMeasures", { get: measures });

// the one-time token, or the secret of an invitation, leaves the address bar before anything else happens
const fragment = decodeURIComponent(location.hash.slice(1));
if (fragment !== "") history.replaceState(null, "", location.pathname);
addEventListener("hashchange", () => location.reload());
const invited = fromFragment(fragment);
const [token = "", pinned = ""] = invited === null ? fragment.split("~") : [];
if (invited !== null || token !== "") newTab();

/** Nothing of who used this tab before: another link was opened in it. */
function newTab(): void {
  Station.forget();
  forgetGuest();
  forgetRoom();
}

class PageElement extends LitElement {
  private consultation: Consultation | null = null;
  private own: Identity | null = null;
  private problem = "";
  private guest: Invitation | null = keptGuest();
  private wrongDigits = false;
  private copied: Copy["said"] = "";
  private announcement = "";
  private readonly undrawn = new Map<string, Curve[]>();
  private readonly unpainted: { received: number; count: number }[] = [];

  override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    speak(language());
    setInterval(() => this.requestUpdate(), 500);
    document.addEventListener("visibilitychange", () => this.requestUpdate());
    void this.begin();
  }

  private async begin(): Promise<void> {
    if (token === "" && this.guest === null && !Station.known) return this.requestUpdate();
    try {
      await sodium.ready;
      const own = await identity();
      this.own = own;
      this.consultation = new Consultation(own, await Trust.open(pinOf(pinned)), token, {
        changed: () => this.requestUpdate(),
        values: (message, history) => this.values(message, history),
        curve: (message) => this.undrawn.set(message.vital, [...(this.undrawn.get(message.vital) ?? []), message].slice(-100)),
        wiped: () => {
          this.announcement = "";
          this.undrawn.clear();
        },
      }, this.guest);
    } catch (error) {
      this.problem = error instanceof Fault ? t(`fault.${error.key}`) : t("sign-in.browser");
    }
    this.requestUpdate();
  }

  private values(message: Values, history: boolean): void {
    if (!history) this.unpainted.push({ received: message.received, count: message.numbers.length });
    if (message.settled)
      this.announcement = message.numbers.map((number) => `${known(`vital.${number.vital}`, number.vital)} ${number.value ?? "—"} ${number.unit}`).join(", ");
  }

  override updated(): void {
    const painted = this.unpainted.splice(0);
    const shown = [...this.querySelectorAll<HTMLElement>("[data-envelope]")].map((row) => row.dataset["envelope"]!);
    const unseen = shown.filter((id) => this.consultation?.state.seen.has(id) === false);
    if (painted.length === 0 && unseen.length === 0) return;
    requestAnimationFrame(() => {
      if (document.visibilityState !== "visible") return;
      const at = now();
      for (const { received, count } of painted) for (let each = 0; each < count; each += 1) numberPainted(received, at);
      for (const id of unseen) void this.consultation?.seen(id);
    });
  }

  override render(): TemplateResult {
    const state = this.consultation?.state ?? null;
    return html`<header class="top">
        <p class="brand"><img src="/favicon.svg" alt="" width="32" height="32">${t("app.name")}</p>
        <p class="who">${state?.specialist ?? ""}</p>
        <p class="language" role="group" aria-label=${t("app.language")}>
          ${(["fr", "en"] as const).map((code) => html`<button lang=${code} aria-pressed=${language() === code} @click=${() => this.speak(code)}>${code === "fr" ? "Français" : "English"}</button>`)}
        </p>
      </header>
      <main>${this.body(state)}</main>
      <p class="announcement" aria-live="polite">${this.announcement}</p>
      <footer>${t("app.purpose")}</footer>`;
  }

  private body(state: State | null): TemplateResult {
    const consultation = this.consultation;
    if (token === "" && this.guest === null && !Station.known && consultation === null) return this.door();
    if (state === null || consultation === null || state.refusal !== "" || (state.specialist === "" && state.connection !== "online")) return signIn(state, this.problem, this.guest === null ? null : () => this.restart());
    if (state.room !== null) return roomView(state, state.room, now(), this.actions(consultation), consultation.trust.organised);
    if (this.guest !== null) return guestWaits(state, () => this.restart());
    if (state.unlisted !== null && this.own !== null) return notListed(state, state.unlisted, this.own, consultation.trust.mark, this.copy(state.specialist));
    const late = [...new Set([...state.settled, ...state.records, ...state.photos].map((item) => item.consultation))];
    const enter = (entry: Entry): void => consultation.enter(entry);
    const codes = { make: () => consultation.makeCode(), cancel: (place: string) => consultation.cancelCode(place), enter };
    return html`${waitingRoom(state, Date.now(), enter)}${patientCodes(state, Date.now(), codes)}${
      late.length === 0 ? nothing : html`<h2 class="late">${t("late.title")}</h2>${late.map((of) => html`${photographs(state, of)}${kept(state, of, this.actions(consultation))}`)}`}`;
  }

  private door(): TemplateResult {
    const come = (code: Code | null, name: string): void => {
      this.wrongDigits = code === null;
      if (code !== null) {
        this.guest = { code, name };
        keepGuest(this.guest);
        void this.begin();
      }
      this.requestUpdate();
    };
    return html`${invited === null ? signIn(null, t("sign-in.needed"), null) : nothing}${door({ code: invited, wrong: this.wrongDigits, come })}`;
  }

  /** A guest begins anew: other digits, or another link. */
  private restart(): void {
    newTab();
    location.reload();
  }

  private actions(consultation: Consultation): Actions {
    return {
      verify: (same) => consultation.visit?.verify(same),
      say: (text) => consultation.visit?.say(text),
      write: (text) => consultation.visit?.write(text),
      ask: (vital) => consultation.visit?.ask(vital),
      listen: (on) => consultation.visit?.listen(on),
      askSite: (site) => consultation.visit?.askSite(site),
      keepSound: () => consultation.visit?.keepSound(),
      reveal: (reason) => consultation.visit?.reveal(reason),
      report: (text, conclusion, prescriptions) => consultation.visit?.report(text, conclusion, prescriptions),
      leave: () => consultation.visit?.leave(),
      back: () => (this.guest === null ? consultation.back() : this.restart()),
      showCamera: (camera) => consultation.visit?.showCamera(camera),
      askPhoto: () => consultation.visit?.askPhoto(),
      invite: () => consultation.visit?.invite(),
      dismiss: () => consultation.visit?.dismiss(),
      retryCall: () => consultation.visit?.retryCall(),
      exportBundle: (of) => download("telecabine-bundle.json", consultation.exported(of), "application/fhir+json"),
      saveRecord: (id) => download("telecabine-acte.json", consultation.state.records.find((record) => record.id === id)?.json ?? "", "application/json"),
      stripDrawn: (vital) => this.stripDrawn(vital),
    };
  }

  private copy(name: string): Copy {
    return {
      said: this.copied,
      backUp: () => void this.attempt(async () => {
        download("telecabine-cle.bin", await backUp(name), "application/octet-stream");
        return "made";
      }),
      restore: (event) => void this.attempt(async () => {
        const file = (event.currentTarget as HTMLInputElement).files?.[0];
        if (file === undefined) return "";
        await restore(new Uint8Array(await file.arrayBuffer()));
        return "restored";
      }),
    };
  }

  private async attempt(act: () => Promise<Copy["said"]>): Promise<void> {
    try {
      this.copied = await act();
    } catch (error) {
      if (!(error instanceof BackupError)) throw error;
      this.copied = error.key;
    }
    this.requestUpdate();
  }

  private stripDrawn(vital: string): void {
    const batches = this.undrawn.get(vital) ?? [];
    this.undrawn.delete(vital);
    const at = now();
    for (const batch of batches) curvePainted(batch.samples.length, batch.period, batch.received, at);
  }

  private speak(code: "fr" | "en"): void {
    speak(code);
    this.requestUpdate();
  }
}

function download(name: string, text: BlobPart, type: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

customElements.define("telecabine-page", PageElement);
