// One <video>, with its frames counted.

import { html, LitElement, type TemplateResult } from "lit";
import { pictureFrame } from "../data/measures";

export class PictureElement extends LitElement {
  static override properties = { stream: { attribute: false }, label: {}, own: { type: Boolean } };
  declare stream: MediaStream | null;
  declare label: string;
  declare own: boolean;
  private watched = false;

  constructor() {
    super();
    this.stream = null;
    this.label = "";
    this.own = false;
  }

  override createRenderRoot(): HTMLElement {
    return this;
  }

  override render(): TemplateResult {
    return html`<video autoplay playsinline ?muted=${this.own} aria-label=${this.label}></video>`;
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
        video.requestVideoFrameCallback(frame);
      };
      video.requestVideoFrameCallback(frame);
    }
  }
}

customElements.define("telecabine-picture", PictureElement);
