// A sound that was kept: played from the envelope's own octets, and saved as the WAV file that the booth has sealed.

import { html, LitElement, type TemplateResult } from "lit";
import { unbase64 } from "../data/bytes";
import { t } from "../i18n";

export class ClipElement extends LitElement {
  static override properties = { wav: {}, label: {} };
  /** Base64 of a WAV file. */
  declare wav: string;
  declare label: string;
  private address = "";
  private made = "";

  constructor() {
    super();
    this.wav = "";
    this.label = "";
  }

  override createRenderRoot(): HTMLElement {
    return this;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.forget();
  }

  override render(): TemplateResult {
    if (this.made !== this.wav) {
      this.forget();
      this.made = this.wav;
      this.address = URL.createObjectURL(new Blob([unbase64(this.wav)], { type: "audio/wav" }));
    }
    return html`<span class="clip"><audio controls preload="metadata" src=${this.address} aria-label=${this.label}></audio>
      <a download="telecabine-auscultation.wav" href=${this.address}>${t("clip.save")}</a></span>`;
  }

  private forget(): void {
    if (this.address !== "") URL.revokeObjectURL(this.address);
    this.address = this.made = "";
  }
}

customElements.define("telecabine-clip", ClipElement);
