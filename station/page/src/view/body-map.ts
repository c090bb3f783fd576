// Where a stethoscope is put: front and back of a chest, each point a button. Left and right are the patient's own.

import { html, svg, type TemplateResult } from "lit";
import type { Site } from "../data/heart";
import { t } from "../i18n";

const FRONT: Site[] = [
  "front-upper-right", "front-upper-left", "aortic", "pulmonary", "tricuspid", "mitral", "front-lower-right", "front-lower-left",
];
const BACK: Site[] = ["back-upper-left", "back-upper-right", "back-middle-left", "back-middle-right", "back-lower-left", "back-lower-right"];

// neck, shoulders, trunk
const OUTLINE = "M78 4 Q80 22 62 30 Q26 38 16 56 Q8 84 12 128 L34 128 Q36 100 40 84 L42 176 L158 176 L160 84 Q164 100 166 128 L188 128 Q192 84 184 56 Q174 38 138 30 Q120 22 122 4 Z";
const STERNUM = "M100 38 L100 120";
const SPINE = "M100 30 L100 172";

function side(name: "front" | "back", sites: Site[], line: string, chosen: string, open: boolean, ask: (site: Site) => void): TemplateResult {
  return html`<div class="torso" role="group" aria-label=${t(`body.${name}`)}>
    <div class="drawing"><svg viewBox="0 0 200 180" aria-hidden="true">${svg`<path class="outline" d=${OUTLINE} /><path class="middle" d=${line} />`}</svg>
    ${sites.map((site) => html`<button class="point ${site}" aria-pressed=${site === chosen} aria-label=${t(`site.${site}`)} title=${t(`site.${site}`)}
      data-site=${site} ?disabled=${!open} @click=${() => ask(site)}></button>`)}</div>
    <p class="quiet">${t(`body.${name}`)}</p>
  </div>`;
}

/** `chosen` is where the helper has put it; a click asks for another point. */
export function bodyMap(chosen: string, open: boolean, ask: (site: Site) => void): TemplateResult {
  return html`<div class="body-map" role="group" aria-label=${t("body.ask")}>
    ${side("front", FRONT, STERNUM, chosen, open, ask)}${side("back", BACK, SPINE, chosen, open, ask)}
  </div>`;
}
