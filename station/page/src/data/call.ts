// Picture and sound: the page offers, once the sealed stream is up. Values never depend on this.

import type { Candidate, IceServer, Offer } from "../messages";
import { concat } from "./bytes";
import type { Answer } from "./incoming";
import { moment } from "./measures";

export const CALL_DEADLINE = 10_000;
/** An interrupted way that has not come back by then is given up for a new connection. */
export const INTERRUPTED_PATIENCE = 2_500;

/** How long the stethoscope's sound waits for what comes late, ms. */
const HEART_PATIENCE = 250;
/** Bit/s of this side's voice. */
const VOICE = 24_000;
const THIN_VOICE = 12_000;

export type CallState = "starting" | "connected" | "interrupted" | "failed";
/** Why there is no picture (text keys "call.…"). */
export type CallReason = "no-network" | "no-answer" | "no-path" | "fingerprint" | "booth" | "lost" | "";
/** What of camera and microphone this browser gives (text keys "media.…"). */
export type Media = "asking" | "both" | "sound-only" | "refused" | "absent" | "busy" | "no-decision";

/** The fingerprints of an SDP as docs/crypto.md writes them: sorted, each once. */
export function fingerprints(sdp: string): string[] {
  const found = [...sdp.matchAll(/^a=fingerprint:(\S+) (\S+)/gm)].map(([, algorithm, digits]) => `${algorithm!.toLowerCase()} ${digits!.toUpperCase()}`);
  return [...new Set(found)].sort();
}

/** A certificate for the media, and its fingerprints, before there is any call. */
export async function certificate(): Promise<{ certificate: RTCCertificate; fingerprints: string[] }> {
  const made = await RTCPeerConnection.generateCertificate({ name: "ECDSA", namedCurve: "P-256" } as EcKeyGenParams);
  // read from an offer: not every browser has RTCCertificate.getFingerprints
  const probe = new RTCPeerConnection({ certificates: [made] });
  probe.createDataChannel("probe");
  const offer = await probe.createOffer();
  probe.close();
  return { certificate: made, fingerprints: fingerprints(offer.sdp ?? "") };
}

/** Camera and microphone, or as much of them as there is; never throws. */
export async function localMedia(): Promise<{ stream: MediaStream | null; media: Media }> {
  if (navigator.mediaDevices === undefined) return { stream: null, media: "absent" };
  const audio = { echoCancellation: true, noiseSuppression: true };
  try {
    const video = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 } };
    return { stream: await navigator.mediaDevices.getUserMedia({ audio, video }), media: "both" };
  } catch (error) {
    const media = reasonOf(error);
    if (media === "refused") return { stream: null, media };
    try {
      return { stream: await navigator.mediaDevices.getUserMedia({ audio }), media: "sound-only" };
    } catch {
      return { stream: null, media };
    }
  }
}

/** Offer that each packet say when its content was recorded: the booth can hold picture and sound together from the first on, where a browser's
 *  first report about its sound comes after seconds. Browsers without the call (W3C webrtc-extensions) go on as before. */
function sayWhenRecorded(transceiver: RTCRtpTransceiver): void {
  const { getHeaderExtensionsToNegotiate: get, setHeaderExtensionsToNegotiate: set } = transceiver as Negotiating;
  if (get === undefined || set === undefined) return;
  set.call(transceiver, get.call(transceiver).map((one) => (one.uri.endsWith("/abs-capture-time") ? { ...one, direction: "sendrecv" } : one)));
}

interface HeaderExtension {
  uri: string;
  direction: RTCRtpTransceiverDirection;
}
interface Negotiating extends RTCRtpTransceiver {
  getHeaderExtensionsToNegotiate?(): HeaderExtension[];
  setHeaderExtensionsToNegotiate?(extensions: HeaderExtension[]): void;
}

function reasonOf(error: unknown): Media {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "refused";
  return name === "NotReadableError" || name === "AbortError" ? "busy" : "absent";
}

/** What every call of a line is made with. */
export interface Callee {
  servers: IceServer[];
  own: RTCCertificate;
  /** Those that the booth has signed; none when it cannot make a call. */
  fingerprints: string[];
  send(message: Offer | Candidate): void;
  /** A frame of the sealed stream has come by the call's data channel. */
  carried(kind: number, body: Uint8Array, answer: Answer): void;
}

export class Call {
  readonly remote = new MediaStream();
  /** What the stethoscope hears, by a way of its own; silent while nobody listens. */
  readonly heart = new MediaStream();
  state: CallState = "starting";
  reason: CallReason = "";
  private readonly peer: RTCPeerConnection;
  private readonly deadline: ReturnType<typeof setTimeout>;
  private candidates = 0;
  private answered = false;
  private closed = false;
  private interrupted: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly callee: Callee, local: MediaStream | null, private readonly changed: () => void) {
    this.peer = new RTCPeerConnection({ certificates: [callee.own], iceServers: callee.servers, bundlePolicy: "max-bundle" });
    this.peer.onicecandidate = ({ candidate }) => this.candidate(candidate);
    this.peer.onconnectionstatechange = () => this.connection();
    this.peer.ontrack = ({ track, transceiver }) => {
      (transceiver === heart ? this.heart : this.remote).addTrack(track);
      this.changed();
    };
    for (const kind of ["audio", "video"] as const) {
      const track = local?.getTracks().find((item) => item.kind === kind);
      if (track !== undefined && local !== null) this.peer.addTransceiver(track, { direction: "sendrecv", streams: [local] });
      else this.peer.addTransceiver(kind, { direction: "recvonly" });
    }
    for (const transceiver of this.peer.getTransceivers()) sayWhenRecorded(transceiver);
    const heart = this.peer.addTransceiver("audio", { direction: "recvonly" });
    // heart sounds shall keep their shape: a receiver with time to wait stretches less
    if ("jitterBufferTarget" in heart.receiver) heart.receiver.jitterBufferTarget = HEART_PATIENCE;
    this.openChannel();
    // gathering may never end and nothing may ever fail: the call has its own deadline
    this.deadline = setTimeout(() => this.fail(this.candidates === 0 ? "no-network" : this.answered ? "no-path" : "no-answer"), CALL_DEADLINE);
  }

  async start(): Promise<void> {
    await this.peer.setLocalDescription(await this.peer.createOffer());
    if (!this.closed) this.callee.send({ type: "offer", sdp: this.peer.localDescription?.sdp ?? "" });
  }

  /** The booth's answer; refused unless its fingerprints are those that the booth has signed. */
  async answer(sdp: string): Promise<void> {
    if (this.closed || this.answered) return;
    const theirs = this.callee.fingerprints;
    if (JSON.stringify(fingerprints(sdp)) !== JSON.stringify([...theirs].sort()) || theirs.length === 0) return this.fail("fingerprint");
    this.answered = true;
    try {
      await this.peer.setRemoteDescription({ type: "answer", sdp });
    } catch {
      this.fail("booth");
    }
  }

  /** What the link leaves of the booth's picture and sound: this side's give way with them, since a full link holds up values both ways. */
  async giveWay(left: { picture: "moving" | "stills" | "none"; sound: "full" | "thin" | "none" }): Promise<void> {
    for (const sender of this.peer.getSenders()) {
      const parameters = sender.getParameters();
      const encoding = parameters.encodings[0];
      if (this.closed || sender.track === null || encoding === undefined) continue;
      if (sender.track.kind === "video") encoding.active = left.picture === "moving";
      else Object.assign(encoding, { active: left.sound !== "none", maxBitrate: left.sound === "full" ? VOICE : THIN_VOICE });
      await sender.setParameters(parameters).catch(() => undefined);
    }
  }

  fail(reason: CallReason): void {
    if (this.closed) return;
    this.close();
    this.state = "failed";
    this.reason = reason;
    this.changed();
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.deadline);
    clearTimeout(this.interrupted);
    this.peer.close();
  }

  /** The booth may carry its stream by this instead of the station's socket; kiosk/carrier.py decides. */
  private openChannel(): void {
    const channel = this.peer.createDataChannel("telecabine");
    channel.binaryType = "arraybuffer";
    const answer: Answer = (kind, body) => {
      if (channel.readyState === "open") channel.send(concat(Uint8Array.of(kind), body));
    };
    channel.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (data instanceof ArrayBuffer && data.byteLength > 0) this.callee.carried(new Uint8Array(data)[0]!, new Uint8Array(data, 1), answer);
    };
  }

  private candidate(candidate: RTCIceCandidate | null): void {
    if (this.closed) return;
    if (candidate !== null && candidate.candidate !== "") this.candidates += 1;
    this.callee.send({ type: "candidate", candidate: candidate?.candidate ?? "", mid: candidate?.sdpMid ?? "" });
  }

  private connection(): void {
    const state = this.peer.connectionState;
    clearTimeout(this.interrupted);
    if (state === "connected") {
      clearTimeout(this.deadline);
      this.state = "connected";
      moment("callConnected");
    } else if (state === "disconnected") {
      this.state = "interrupted";
      this.interrupted = setTimeout(() => this.fail("lost"), INTERRUPTED_PATIENCE);
    }
    else if (state === "failed") return this.fail(this.state === "starting" ? "no-path" : "lost");
    this.changed();
  }
}
