// The page's WebSocket to the station: signs in, comes back by itself, hands messages and frames on.

import type { FromStation, ToStation } from "../messages";
import { base64, concat, lp } from "./bytes";
import type { Identity } from "./keys";

/** The station's origin: the one that the signed index.html names, or the page's own when a station serves the page itself. */
const ORIGIN = document.querySelector<HTMLMetaElement>('meta[name="telecabine-station"]')?.content || location.origin;

export const HANDSHAKE = 0;
export const SEALED = 1;
export const NUMBERED = 2;
export const PROBE = 3;
export const ECHO = 4;

/** Reasons after which trying again is of no use. */
const FINAL = new Set([
  "bad-token", "used-token", "expired-token", "bad-session", "expired-session", "bad-signature", "key-of-another", "taken-over", "bad-message", "key-revoked",
  "code-unknown", "code-expired", "code-rate", "code-used", "bad-name", "dismissed",
]);
const SESSION = "telecabine-session";

export interface Handlers {
  message(message: FromStation): void;
  frame(kind: number, body: Uint8Array): void;
  /** The connection is gone; `final` when it is not tried again. */
  down(final: boolean): void;
}

export class Station {
  private socket: WebSocket | null = null;
  private final = false;
  private attempt = 0;
  private waiting: ReturnType<typeof setTimeout> | undefined;

  /** `token`: the one-time link's, empty when this tab has signed in before. */
  constructor(
    private readonly identity: Identity, private token: string, private guest: { place: string; name: string } | null,
    private readonly handlers: Handlers,
  ) {
    // a socket without a network says nothing for a long time: the browser knows earlier
    addEventListener("offline", () => this.drop());
    addEventListener("online", () => this.hurry());
  }

  /** Whether this tab has a session to go on with. */
  static get known(): boolean {
    return sessionStorage.getItem(SESSION) !== null;
  }

  /** This tab is a new page for the station. */
  static forget(): void {
    sessionStorage.removeItem(SESSION);
  }

  connect(): void {
    const socket = new WebSocket(`${ORIGIN.replace(/^http/, "ws")}/specialist`);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    socket.onopen = () => void this.signIn();
    socket.onmessage = (event: MessageEvent<string | ArrayBuffer>) => this.receive(event.data);
    socket.onclose = () => this.closed();
  }

  send(message: ToStation): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  sendFrame(kind: number, body: Uint8Array): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(concat(Uint8Array.of(kind), body));
  }

  private async signIn(): Promise<void> {
    const session = this.token === "" ? (sessionStorage.getItem(SESSION) ?? "") : "";
    const key = this.identity.identity;
    if (this.guest !== null) {
      const { place, name } = this.guest;
      const proof = await this.identity.sign(lp("telecabine-guest-v1", ORIGIN, place, name, key));
      this.send({ type: "guest-sign-in", place, name, key: base64(key), proof: base64(proof) });
      return;
    }
    const proof = await this.identity.sign(lp("telecabine-specialist-v1", ORIGIN, this.token, session, key));
    this.send({ type: "sign-in", token: this.token, session, key: base64(key), proof: base64(proof) });
  }

  private receive(data: string | ArrayBuffer): void {
    if (typeof data !== "string") {
      const bytes = new Uint8Array(data);
      if (bytes.length > 0) this.handlers.frame(bytes[0]!, bytes.subarray(1));
      return;
    }
    const message = JSON.parse(data) as FromStation;
    if (message.type === "signed-in") {
      // per tab: a second tab is a second page, a reload is not
      sessionStorage.setItem(SESSION, message.session);
      this.token = "";
      this.guest = null;
      this.attempt = 0;
    }
    if (message.type === "refused" && FINAL.has(message.reason)) {
      this.final = true;
      if (message.reason !== "taken-over") sessionStorage.removeItem(SESSION);
    }
    this.handlers.message(message);
  }

  private drop(): void {
    if (this.socket === null) return;
    this.socket.onopen = this.socket.onmessage = this.socket.onclose = null;
    this.socket.close();
    this.closed();
  }

  private hurry(): void {
    if (this.socket !== null || this.final) return;
    clearTimeout(this.waiting);
    this.connect();
  }

  private closed(): void {
    this.socket = null;
    this.handlers.down(this.final);
    if (this.final) return;
    const wait = Math.min(4_000, 250 * 2 ** this.attempt);
    this.attempt += 1;
    this.waiting = setTimeout(() => this.connect(), wait);
  }
}
