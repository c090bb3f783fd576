// Whether the specialist's own headphones give the low tones in which a heart is heard: tones and a sweep made here, nothing is sent.

import { html, LitElement, nothing, type TemplateResult } from "lit";
import { t } from "../i18n";

/** Hz. */
const TONES = [40, 100, 400, 1000];
const SWEEP = { from: 20, to: 1000, seconds: 12 };
const TONE_SECONDS = 2.5;
/** Of full scale. */
const LOUDNESS = 0.3;

export class HeadphonesElement extends LitElement {
  static override properties = { language: {}, open: { state: true }, playing: { state: true } };
  declare language: string;
  declare open: boolean;
  /** Hz, "sweep", or "" when it is quiet. */
  declare playing: string;
  private context: AudioContext | null = null;
  private source: OscillatorNode | null = null;

  constructor() {
    super();
    this.language = "";
    this.open = false;
    this.playing = "";
  }

  override createRenderRoot(): HTMLElement {
    return this;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.quiet();
    void this.context?.close();
    this.context = null;
  }

  override render(): TemplateResult {
    return html`<div class="headphones">
      <button aria-expanded=${this.open} @click=${() => (this.open = !this.open)}>${t("headphones.check")}</button>
      ${this.open ? html`<div class="check">
        <p>${t("headphones.ask")}</p>
        <div class="buttons">${TONES.map((tone) => html`<button data-tone=${tone} aria-pressed=${this.playing === String(tone)} @click=${() => this.play(tone)}>${tone} Hz</button>`)}
          <button data-tone="sweep" aria-pressed=${this.playing === "sweep"} @click=${() => this.play("sweep")}>${t("headphones.sweep")}</button></div>
        <p role="status">${this.playing === "" ? nothing : this.playing === "sweep" ? t("headphones.hear-sweep") : `${t("headphones.hear")} ${this.playing} Hz.`}</p>
        <p class="quiet">${t("headphones.else")}</p>
      </div>` : nothing}
    </div>`;
  }

  /** Once more on the same button ends it. */
  private play(what: number | "sweep"): void {
    const before = this.playing;
    this.quiet();
    if (before === String(what)) return;
    this.context ??= new AudioContext();
    void this.context.resume();
    const { context } = this;
    const [start, seconds] = [context.currentTime + 0.05, what === "sweep" ? SWEEP.seconds : TONE_SECONDS];
    const source = context.createOscillator();
    const gain = context.createGain();
    if (what === "sweep") {
      source.frequency.setValueAtTime(SWEEP.from, start);
      source.frequency.exponentialRampToValueAtTime(SWEEP.to, start + seconds);
    } else source.frequency.value = what;
    // a tone that begins at once clicks, and a click is heard on any loudspeaker
    gain.gain.setValueAtTime(0, start);
    gain.gain.linearRampToValueAtTime(LOUDNESS, start + 0.1);
    gain.gain.setValueAtTime(LOUDNESS, start + seconds - 0.1);
    gain.gain.linearRampToValueAtTime(0, start + seconds);
    source.connect(gain).connect(context.destination);
    source.onended = () => {
      if (this.source === source) this.quiet();
    };
    source.start(start);
    source.stop(start + seconds);
    this.source = source;
    this.playing = String(what);
  }

  private quiet(): void {
    const { source } = this;
    this.source = null;
    this.playing = "";
    source?.stop();
  }
}

customElements.define("telecabine-headphones", HeadphonesElement);
