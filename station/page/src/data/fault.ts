// What stops a consultation; `key` is a text key of i18n ("fault.…"), shown in plain words.

export type FaultKey =
  | "handshake-malformed" | "handshake-version" | "handshake-signature" | "handshake-late"
  | "handshake-declined"
  | "directory-missing" | "directory-malformed" | "directory-other-organisation" | "directory-signature" | "directory-old" | "directory-forked"
  | "directory-expired" | "key-revoked" | "key-not-listed" | "key-other-kind" | "key-not-yet-valid" | "key-expired"
  | "stream-altered" | "stream-cut" | "stream-malformed" | "codes-differ" | "code-wrong";

export class Fault extends Error {
  constructor(readonly key: FaultKey, detail = "") {
    super(detail === "" ? key : `${key}: ${detail}`);
  }
}
