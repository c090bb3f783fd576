// The stethoscope's sound over the call: a player of its own, so that it can be off while the voice goes on.

import { html, LitElement, type TemplateResult } from "lit";

export class EarElement extends LitElement {
  static override properties = { stream: { attribute: false }, muted: { type: Boolean } };
  declare stream: MediaStream | null;
  declare muted: boolean;

  constructor() {
    super();
    this.stream = null;
    this.muted = true;
  }

  override createRenderRoot(): HTMLElement {
    return this;
  }

  override render(): TemplateResult {
    return html`<audio autoplay></audio>`;
  }

  override updated(): void {
    const audio = this.querySelector("audio");
    if (audio === null) return;
    audio.muted = this.muted;
    if (audio.srcObject !== this.stream) {
      audio.srcObject = this.stream;
      audio.play().catch(() => document.addEventListener("pointerdown", () => void audio.play().catch(() => undefined), { once: true }));
    }
  }
}

customElements.define("telecabine-ear", EarElement);
