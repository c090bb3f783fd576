// What this page measures of itself: times and counts, never a value. Read as `window.telecabineMeasures`.

/** Latencies in bins of half a millisecond up to two seconds; everything above falls into the last one. */
class Histogram {
  private bins = new Uint32Array(4001);
  private n = 0;
  private max = 0;

  add(ms: number): void {
    this.bins[Math.min(4000, Math.max(0, Math.floor(ms * 2)))]! += 1;
    this.n += 1;
    this.max = Math.max(this.max, ms);
  }

  clear(): void {
    this.bins = new Uint32Array(4001);
    this.n = this.max = 0;
  }

  get summary(): Summary {
    return { n: this.n, p50: this.quantile(0.5), p95: this.quantile(0.95), p99: this.quantile(0.99), max: this.n > 0 ? this.max : null };
  }

  private quantile(share: number): number | null {
    if (this.n === 0) return null;
    let left = Math.ceil(this.n * share);
    const bin = this.bins.findIndex((count) => (left -= count) <= 0);
    return bin === 4000 ? this.max : (bin + 1) / 2;
  }
}

export interface Summary {
  n: number;
  p50: number | null;
  p95: number | null;
  p99: number | null;
  max: number | null;
}

/** Milliseconds since the epoch, finer than Date.now(). */
export const now = (): number => performance.timeOrigin + performance.now();

const numbers = new Histogram();
const curves = new Histogram();
const pictures = new Histogram();
const counts = { painted: 0, pictureFrames: 0, stampedFrames: 0, badStamps: 0, cspViolations: 0 };
const moments: { joined: number | null; agreed: number | null; callConnected: number | null; firstPicture: number | null } = {
  joined: null, agreed: null, callConnected: null, firstPicture: null,
};

/** Records of the sealed stream, by the way that each came first. */
const carried = { socket: 0, channel: 0 };

document.addEventListener("securitypolicyviolation", () => (counts.cspViolations += 1));

/** A number that is on the screen since this animation frame; `received` when its bytes reached the booth. */
export function numberPainted(received: number, at: number): void {
  counts.painted += 1;
  numbers.add(at - received);
}

export function recordCame(way: keyof typeof carried): void {
  carried[way] += 1;
}

/** The samples of one batch, `period` ms apart, the last one `received`. */
export function curvePainted(samples: number, period: number, received: number, at: number): void {
  for (let back = 0; back < samples; back += 1) curves.add(at - received + back * period);
}

/** The first time of each; `joined` starts the count again. */
export function moment(name: keyof typeof moments): void {
  if (name === "joined") Object.assign(moments, { agreed: null, callConnected: null, firstPicture: null, joined: now() });
  moments[name] ??= now();
}

/**
 * A picture frame was presented: reads the time that a simulated camera writes into its top rows (32 black or white cells: 24 bits of
 * ms and a check octet). A source without stamps is looked at twice a second only.
 */
export function pictureFrame(video: HTMLVideoElement): void {
  counts.pictureFrames += 1;
  moment("firstPicture");
  if (counts.stampedFrames === 0 && counts.pictureFrames > 30 && counts.pictureFrames % 15 > 0) return;
  const stamp = readStamp(video);
  if (stamp === null) {
    counts.badStamps += 1;
    return;
  }
  counts.stampedFrames += 1;
  const late = (Math.floor(now()) - stamp) & 0xffffff;
  if (late < 600_000) pictures.add(late);
}

const canvas = new OffscreenCanvas(320, 8);
const context = canvas.getContext("2d", { willReadFrequently: true });

function readStamp(video: HTMLVideoElement): number | null {
  if (context === null || video.videoWidth === 0) return null;
  const height = video.videoHeight;
  context.drawImage(video, 0, 0.012 * height, video.videoWidth, 0.02 * height, 0, 0, 320, 8);
  const { data } = context.getImageData(0, 4, 320, 1);
  let word = 0;
  for (let cell = 31; cell >= 0; cell -= 1) word = word * 2 + (data[(cell * 10 + 5) * 4]! > 120 ? 1 : 0);
  const time = word % 0x1000000;
  const check = Math.floor(word / 0x1000000);
  return check === ((time & 255) ^ ((time >> 8) & 255) ^ ((time >> 16) & 255) ^ 0x5a) ? time : null;
}

/** Begin a window: the latencies so far are forgotten, counts and moments go on. */
function clearLatencies(): void {
  for (const each of [numbers, curves, pictures]) each.clear();
}

export interface Measures {
  clearLatencies(): void;
  /** Bytes at the booth to the animation frame after the tile's update, ms; `painted` counts them. */
  readonly numbers: Summary;
  /** The same for each sample of the curves. */
  readonly curves: Summary;
  /** Stamp in the picture to its presentation, ms. */
  readonly pictures: Summary;
  readonly painted: number;
  /** Records of the sealed stream by the station's socket and by the call's data channel. */
  readonly carried: { readonly socket: number; readonly channel: number };
  readonly pictureFrames: number;
  readonly stampedFrames: number;
  readonly badStamps: number;
  readonly cspViolations: number;
  /** ms since the epoch, null while it has not happened. */
  readonly joined: number | null;
  readonly agreed: number | null;
  readonly callConnected: number | null;
  readonly firstPicture: number | null;
}

/** A snapshot. */
export const measures = (): Measures =>
  Object.freeze({ carried: { ...carried }, numbers: numbers.summary, curves: curves.summary, pictures: pictures.summary, ...counts, ...moments, clearLatencies });
