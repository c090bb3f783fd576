// A live curve: uPlot, redrawn when it has grown, at most once a frame.

import { LitElement, type PropertyValues } from "lit";
import uPlot from "uplot";
import type { Series } from "../data/vitals";

export class StripElement extends LitElement {
  static override properties = { strip: { attribute: false }, height: { type: Number }, every: { type: Number } };
  declare strip: Series | null;
  declare height: number;
  /** ms between two drawings at least. */
  declare every: number;
  private plot: uPlot | null = null;
  private drawn = -1;
  private drawnAt = -Infinity;
  private frame = 0;
  private readonly resized = new ResizeObserver(() => this.fit());

  constructor() {
    super();
    this.strip = null;
    this.height = 120;
    this.every = 0;
  }

  override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.resized.observe(this);
    this.schedule();
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has("strip") || this.strip === null) return;
    this.strip.grown = () => this.schedule();
    this.schedule();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    this.resized.disconnect();
    this.plot?.destroy();
    this.plot = null;
  }

  // a page that asks for every frame pays for a whole frame of the page, also when nothing has come
  private schedule(): void {
    if (this.frame !== 0 || !this.isConnected || performance.now() - this.drawnAt < this.every) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.draw();
    });
  }

  private draw(): void {
    const last = this.strip?.times.at(-1);
    if (this.strip === null || last === undefined || last === this.drawn) return;
    this.drawn = last;
    this.drawnAt = performance.now();
    this.plot ??= this.make(this.strip);
    this.plot.setData([this.strip.times, this.strip.samples], false);
    this.plot.batch(() => {
      this.plot!.setScale("x", { min: Math.max(last - this.strip!.seconds, Math.min(this.strip!.times[0]!, last - 8)), max: last });
    });
    if (document.visibilityState === "visible") this.dispatchEvent(new CustomEvent("drawn"));
  }

  private make(strip: Series): uPlot {
    const options: uPlot.Options = {
      width: Math.max(120, this.clientWidth), height: this.height, legend: { show: false }, cursor: { show: false },
      axes: [{ show: false }, { show: false }],
      scales: { x: { time: false, auto: false }, y: { range: (_, min, max) => [min - 2, Math.max(max, min + 6) + 2] } },
      series: [{}, { stroke: "#0b4f6c", width: 2, points: { show: false }, spanGaps: false }],
    };
    return new uPlot(options, [strip.times, strip.samples], this);
  }

  private fit(): void {
    this.plot?.setSize({ width: Math.max(120, this.clientWidth), height: this.height });
  }
}

customElements.define("telecabine-strip", StripElement);
