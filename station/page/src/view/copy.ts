// A button that puts a text on the clipboard and says so.

import { html, LitElement, type TemplateResult } from "lit";
import { t } from "../i18n";

const SAID_FOR = 3_000;

export class CopyElement extends LitElement {
  static override properties = { text: {}, label: {}, said: { state: true } };
  declare text: string;
  declare label: string;
  declare said: "" | "copied" | "not-copied";

  constructor() {
    super();
    this.text = this.label = this.said = "";
  }

  override createRenderRoot(): HTMLElement {
    return this;
  }

  override render(): TemplateResult {
    return html`<button @click=${() => void this.copy()}>${this.said === "" ? this.label : t(`copy.${this.said}`)}</button>`;
  }

  private async copy(): Promise<void> {
    this.said = await navigator.clipboard.writeText(this.text).then(() => "copied" as const, () => "not-copied" as const);
    setTimeout(() => {
      this.said = "";
    }, SAID_FOR);
  }
}

customElements.define("telecabine-copy", CopyElement);
