// One <video>, with its frames counted; a picture that stands says for how long, so that nobody takes it for now.

import { html, LitElement, nothing, type TemplateResult } from "lit";
import { pictureFrame } from "../data/measures";
import { t } from "../i18n";

/** Seconds without a new picture after which it is said to stand. */
const STANDS = 2;

export class PictureElement extends LitElement {
  static override properties = { stream: { attribute: false }, label: {}, own: { type: Boolean }, standing: { state: true } };
  declare stream: MediaStream | null;
  declare label: string;
  declare own: boolean;
  /** Whole seconds since the last picture came. */
  private declare standing: number;
  private watched = false;
  private shown = 0;
  private timer = 0;

  constructor() {
    super();
    this.stream = null;
    this.label = "";
    this.own = false;
    this.standing = 0;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.timer = window.setInterval(() => {
      this.standing = this.shown > 0 ? Math.floor((performance.now() - this.shown) / 1000) : 0;
    }, 500);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.timer);
  }

  override createRenderRoot(): HTMLElement {
    return this;
  }

  override render(): TemplateResult {
    return html`<video autoplay playsinline ?muted=${this.own} aria-label=${this.label}></video>${
      this.standing < STANDS ? nothing : html`<p class="standing">${t("video.standing")} ${this.standing} ${t("unit.s")}</p>`}`;
  }

  override updated(): void {
    const video = this.querySelector("video");
    if (video === null) return;
    video.muted = this.own;
    if (video.srcObject !== this.stream) {
      video.srcObject = this.stream;
      // a browser that wants a touch first keeps the picture ready; the person's next touch starts it
      video.play().catch(() => document.addEventListener("pointerdown", () => void video.play().catch(() => undefined), { once: true }));
    }
    if (!this.own && !this.watched && "requestVideoFrameCallback" in video) {
      this.watched = true;
      const frame = (): void => {
        pictureFrame(video);
        this.shown = performance.now();
        if (this.standing > 0) this.standing = 0;
        video.requestVideoFrameCallback(frame);
      };
      video.requestVideoFrameCallback(frame);
    }
  }
}

customElements.define("telecabine-picture", PictureElement);
