// What is known of each vital, and how old it is. Values stay the texts that were sent.

import type { Curve, Values } from "../messages";

export const GREY_AFTER = 3_000;
export const GONE_AFTER = 10_000;

export interface Shown {
  text: string | null;
  /** A second value of the same reading, such as the mean of a blood pressure. */
  also: { vital: string; text: string } | null;
  unit: string;
  absent: string | null;
  device: string;
  settled: boolean;
  flags: string[];
  remarks: string[];
  /** ms since the epoch by the booth's clock. */
  received: number;
  measured: string;
  reading: string;
  /** The helper has set this result aside: its value is not shown. */
  rejected: boolean;
}

export interface Tile {
  key: string;
  vital: string;
  live: Shown | null;
  settled: Shown | null;
  lost: boolean;
  /** The live values of the last minutes, for a line; null until there are two. */
  trend: Series;
}

export interface TileView {
  shown: Shown | null;
  state: "live" | "grey" | "settled" | "none";
  /** ms, null when there is nothing to be old. */
  age: number | null;
}

const TREND_SECONDS = 180;

/** Order of the tiles; what is not named comes last. */
/** Curves, and what a device says of itself: no tile. */
const HIDDEN = new Set([
  "pleth", "ecg", "rr-interval", "signal-strength", "battery", "battery-voltage", "impedance", "glucose-quality", "number-of-records", "elapsed-time",
  "time-zone-offset", "fraction-of-second", "vendor-id", "product-id", "product-version",
]);
const ORDER = ["blood-pressure", "spo2", "pulse-rate", "heart-rate", "temperature", "glucose", "weight"];

export class Vitals {
  readonly tiles = new Map<string, Tile>();
  /** How much earlier than here the booth's clock reads, with the fastest way that any message has had. */
  private offset = Infinity;
  private delays: { at: number; delay: number }[] = [];
  private readonly results = new Set<string>();

  /** A message that was received at the booth then has come now. */
  came(received: number, now: number): void {
    this.offset = Math.min(this.offset, now - received);
    this.delays = [...this.delays.filter((item) => now - item.at < 5_000), { at: now, delay: now - received }];
  }

  /** By how many ms the slowest message of the last seconds was later than the fastest ever; null when none came. */
  delay(now: number): number | null {
    const recent = this.delays.filter((item) => now - item.at < 5_000).map((item) => item.delay);
    return recent.length === 0 ? null : Math.max(...recent) - this.offset;
  }

  /** Whether this result was heard before: told again because the helper has confirmed or rejected it. */
  told(message: Values): boolean {
    return message.settled && this.results.has(message.reading);
  }

  /** `history`: received before this stream began; says nothing of the line's delay. */
  add(message: Values, now: number, history = false): void {
    if (!history && !this.told(message)) this.came(message.received, now);
    if (message.settled) this.results.add(message.reading);
    for (const part of partsOf(message)) {
      const key = `${part.vital} ${message.device}`;
      const tile = this.tiles.get(key) ?? { key, vital: part.vital, live: null, settled: null, lost: false, trend: new Series(TREND_SECONDS) };
      const shown: Shown = {
        text: part.text, also: part.also, unit: part.unit, absent: part.absent, device: message.name, settled: message.settled, flags: message.flags,
        remarks: message.remarks, received: message.received, measured: message.measured, reading: message.reading,
        rejected: message.remarks.includes("rejected"),
      };
      if (shown.rejected) Object.assign(shown, { text: null, also: null, absent: "rejected", remarks: [] });
      if (message.settled) tile.settled = shown;
      else {
        tile.live = shown;
        tile.trend.push(message.received / 1000, shown.text === null ? null : Number(shown.text));
      }
      tile.lost = false;
      this.tiles.set(key, tile);
    }
  }

  /** "live", "grey" after a while without data, then "none": a curve that stands still is no steady patient. */
  freshness(received: number, now: number): "live" | "grey" | "none" {
    const age = this.age(received, now);
    return age > GONE_AFTER ? "none" : age > GREY_AFTER ? "grey" : "live";
  }

  lose(device: string): void {
    for (const tile of this.tiles.values()) if (tile.key.endsWith(` ${device}`)) tile.lost = true;
  }

  /** No link: every live value is old at once. */
  loseAll(): void {
    for (const tile of this.tiles.values()) tile.lost = true;
  }

  /** How old what was received then is; delays of the link count, a clock that is off does not. */
  age(received: number, now: number): number {
    return Math.max(0, now - received - (Number.isFinite(this.offset) ? this.offset : 0));
  }

  view(tile: Tile, now: number): TileView {
    const { live, settled } = tile;
    if (live !== null) {
      const age = this.age(live.received, now);
      if (age <= GONE_AFTER) return { shown: live, state: tile.lost || age > GREY_AFTER ? "grey" : "live", age };
    }
    if (settled !== null) return { shown: settled, state: "settled", age: Math.max(0, now - settled.received) };
    return { shown: null, state: "none", age: null };
  }

  ordered(): Tile[] {
    const rank = (tile: Tile): number => (ORDER.indexOf(tile.vital) + ORDER.length + 1) % (ORDER.length + 1);
    return [...this.tiles.values()].sort((a, b) => rank(a) - rank(b) || a.key.localeCompare(b.key));
  }
}

interface Part {
  vital: string;
  also: { vital: string; text: string } | null;
  text: string | null;
  absent: string | null;
  unit: string;
}

// One blood pressure stays one: systolic and diastolic share a tile.
function partsOf(message: Values): Part[] {
  const find = (vital: string) => message.numbers.find((number) => number.vital === vital);
  const [systolic, diastolic, mean] = [find("systolic"), find("diastolic"), find("mean-arterial-pressure")];
  const pressures = systolic && diastolic ? ["systolic", "diastolic", "mean-arterial-pressure"] : [];
  const rest = message.numbers.filter((number) => !HIDDEN.has(number.vital) && !pressures.includes(number.vital));
  const parts: Part[] = rest.map((number) => ({ vital: number.vital, also: null, text: number.value, absent: number.absent, unit: number.unit }));
  if (systolic && diastolic) {
    const whole = systolic.value !== null && diastolic.value !== null;
    parts.unshift({
      vital: "blood-pressure", also: mean?.value ? { vital: mean.vital, text: mean.value } : null, text: whole ? `${systolic.value}/${diastolic.value}` : null,
      absent: systolic.absent ?? diastolic.absent, unit: systolic.unit,
    });
  }
  return parts;
}

/** Samples of the last seconds. Numbers here are for drawing a line only. */
export class Series {
  readonly times: number[] = [];
  readonly samples: (number | null)[] = [];
  /** Who draws this hears of each new sample. */
  grown: () => void = () => undefined;

  constructor(readonly seconds: number) {}

  // uPlot wants times that grow; batches jitter by less than a sample
  push(time: number, sample: number | null): void {
    this.times.push(Math.max(time, (this.times.at(-1) ?? -Infinity) + 1e-4));
    this.samples.push(sample);
    while (this.times[0]! < time - this.seconds) {
      this.times.shift();
      this.samples.shift();
    }
    this.grown();
  }
}

/** One curve. */
export class Strip extends Series {
  device = "";
  /** When the last samples reached the booth. */
  received = 0;
  private next = -1;

  constructor(readonly vital: string) {
    super(8);
  }

  /** Adds a batch; where batches are missing, the line breaks. */
  add(curve: Curve): void {
    const gap = this.next >= 0 && curve.sequence !== this.next;
    this.next = curve.sequence + curve.samples.length;
    this.device = curve.device;
    this.received = curve.received;
    const last = curve.received / 1000;
    const period = curve.period / 1000;
    if (gap || (this.times.length > 0 && last - this.times.at(-1)! > 1)) this.push(last - curve.samples.length * period, null);
    curve.samples.forEach((sample, at) => this.push(last - (curve.samples.length - 1 - at) * period, sample));
  }
}
