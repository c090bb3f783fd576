// Generated from protocol/ by ./run generate.

export type AnyMessage =
  | Agreed
  | Answer
  | Ask
  | AskPhoto
  | AskSite
  | Auscultation
  | BreakGlass
  | CallFailed
  | Candidate
  | CloseCode
  | CloseRoom
  | CodeMade
  | Curve
  | Declined
  | DeviceLost
  | DismissGuest
  | Draft
  | Ended
  | Enrol
  | ExamCameras
  | Guest
  | GuestSignIn
  | HelloBooth
  | HelloSpecialist
  | InviteGuest
  | Join
  | Joined
  | KeepSound
  | KeyDirectory
  | Leave
  | Left
  | Listen
  | Mail
  | MakeCode
  | Media
  | Offer
  | Receipt
  | Refused
  | Report
  | Resume
  | Reveal
  | ShowCamera
  | SignIn
  | SignedIn
  | Situation
  | Text
  | Values
  | Verified
  | WaitingRoom;

/**
 * The booth's signature over the transcript and the header of its sealed stream.
 */
export interface Agreed {
  type: "agreed";
  signature: string;
  header: string;
  confirmation?: string;
}
/**
 * The booth's SDP answer.
 */
export interface Answer {
  type: "answer";
  sdp: string;
}
/**
 * The specialist asks for a measurement of one vital.
 */
export interface Ask {
  type: "ask";
  vital: string;
}
/**
 * The specialist asks for a photograph by the exam camera that is shown. The patient sees it and answers.
 */
export interface AskPhoto {
  type: "ask-photo";
}
/**
 * The specialist asks for the stethoscope on this site.
 */
export interface AskSite {
  type: "ask-site";
  site:
    | "aortic"
    | "back-lower-left"
    | "back-lower-right"
    | "back-middle-left"
    | "back-middle-right"
    | "back-upper-left"
    | "back-upper-right"
    | "front-lower-left"
    | "front-lower-right"
    | "front-upper-left"
    | "front-upper-right"
    | "mitral"
    | "pulmonary"
    | "tricuspid";
}
/**
 * The stethoscope, at each change: what it hears comes as octets of its own (protocol/sound.py).
 *
 *     `site` is where the helper has put it ("" while it is not said); `listening`: its sound comes over the call too; `held`: the link has no room
 *     for the samples, which give way to values, text and voice; `keep`: what became of the wish to keep what was heard.
 */
export interface Auscultation {
  type: "auscultation";
  state: "absent" | "clipping" | "lost" | "off" | "on" | "silent" | "starting";
  site:
    | (
        | "aortic"
        | "back-lower-left"
        | "back-lower-right"
        | "back-middle-left"
        | "back-middle-right"
        | "back-upper-left"
        | "back-upper-right"
        | "front-lower-left"
        | "front-lower-right"
        | "front-upper-left"
        | "front-upper-right"
        | "mitral"
        | "pulmonary"
        | "tricuspid"
      )
    | "";
  listening: boolean;
  held: boolean;
  keep: "" | "asked" | "kept" | "refused" | "too-short";
}
/**
 * The specialist needs the name behind a pseudonym. The reason is recorded, and the patient reads it.
 */
export interface BreakGlass {
  type: "break-glass";
  reason: string;
}
/**
 * No picture and no sound; `reason` is a text key. Values and text go on.
 */
export interface CallFailed {
  type: "call-failed";
  reason: string;
}
/**
 * A trickled ICE candidate; an empty text ends them.
 */
export interface Candidate {
  type: "candidate";
  candidate: string;
  mid: string;
}
/**
 * Who made this code takes it back: used, tried too often, or not wanted any more. A guest who has come by it stays.
 */
export interface CloseCode {
  type: "close-code";
  place: string;
}
/**
 * The booth's consultation is over.
 */
export interface CloseRoom {
  type: "close-room";
  consultation: string;
}
/**
 * The station's part of the code, and when it ends (ms since the epoch). The page makes the secret part itself.
 */
export interface CodeMade {
  type: "code-made";
  place: string;
  expires: number;
}
/**
 * Samples of one curve, `period` ms apart; `received` (ms since the epoch) of the last one; `sequence` counts the samples before.
 */
export interface Curve {
  type: "curve";
  device: string;
  vital: string;
  sequence: number;
  samples: (number | null)[];
  period: number;
  received: number;
}
/**
 * In the place of any other message of the booth: it does not go on. `reason` is a text key; nobody has signed it.
 */
export interface Declined {
  type: "declined";
  reason: string;
}
/**
 * No more values from this device: its live tiles grey at once.
 */
export interface DeviceLost {
  type: "device-lost";
  device: string;
  reason: string;
}
/**
 * The specialist takes the invitation back, or sends the guest away.
 */
export interface DismissGuest {
  type: "dismiss-guest";
}
/**
 * The line that the other side is writing, either way, whole each time: character by character, and a merged one harms nothing.
 */
export interface Draft {
  type: "draft";
  text: string;
}
/**
 * The booth has closed the consultation; `record` is the SHA-256 of the act record, empty if there is none.
 */
export interface Ended {
  type: "ended";
  record: string;
}
/**
 * A signed-in page asks to be listed in the organisation's directory: the text of protocol/enrolment.py.
 */
export interface Enrol {
  type: "enrol";
  request: string;
}
/**
 * The booth's exam cameras ("otoscope", "dermatoscope"), and whose picture goes in the place of the booth camera's.
 *
 *     `state` of the one in `camera`: "asked" = the patient has not answered, "shown" = its picture is sent; "" = none, and `refused` is the one
 *     that the patient has just said no to. `photo`: "" none, "taking", "asked" = the patient looks at it, "kept" = sealed and on its way,
 *     "refused", "failed". `missing` are those that do not work.
 */
export interface ExamCameras {
  type: "exam-cameras";
  cameras: string[];
  camera: string;
  state: "" | "asked" | "shown";
  refused: string;
  photo: "" | "asked" | "failed" | "kept" | "refused" | "taking";
  missing: string[];
}
/**
 * To the specialist: how far the guest is whom the patient was asked about.
 *
 *     `link` (behind the # of the station's address) and `digits` are the two forms of the invitation, while it is "invited", until `expires`
 *     (ms since the epoch); `reason` says why it has "failed".
 */
export interface Guest {
  type: "guest";
  state: "asked" | "away" | "dismissed" | "failed" | "here" | "invited" | "left" | "refused";
  name?: string;
  link?: string;
  digits?: string;
  expires?: number;
  reason?: string;
}
/**
 * A guest comes by an invitation: `place` is the station's part of it, `name` what the guest says of himself, `key` as in `SignIn`.
 *
 *     `proof` is its signature over `guest_statement(origin, place, name, key)`. The secret part of an invitation is never sent.
 */
export interface GuestSignIn {
  type: "guest-sign-in";
  place: string;
  name: string;
  key: string;
  proof: string;
}
/**
 * The booth's keys, nonce and fingerprints (empty while its call process is down); `version` is the page's, `share` answers the page's.
 */
export interface HelloBooth {
  type: "hello-booth";
  version: number;
  consultation: string;
  identity: string;
  ephemeral: string;
  nonce: string;
  fingerprints: string[];
  name: string;
  share?: string;
}
/**
 * `identity` Ed25519, `sealing` X25519 for envelopes, `ephemeral` X25519 for this stream, `commitment` to the nonce (32 octets each).
 *
 *     `code` says by what kind of code the page comes, `share` is its CPace share when that code was typed.
 */
export interface HelloSpecialist {
  type: "hello-specialist";
  version: number;
  consultation: string;
  identity: string;
  sealing: string;
  ephemeral: string;
  commitment: string;
  fingerprints: string[];
  name: string;
  prekey?: Prekey | null;
  code?: "" | "link" | "typed";
  share?: string;
}
/**
 * An X25519 key of this week (`since` to before `until`, ms since the epoch), signed by the identity over `prekey_statement`.
 */
export interface Prekey {
  key: string;
  since: number;
  until: number;
  signature: string;
}
/**
 * The specialist would like a guest to join: the booth asks the patient.
 */
export interface InviteGuest {
  type: "invite-guest";
}
/**
 * A specialist enters a consultation.
 */
export interface Join {
  type: "join";
  consultation: string;
}
/**
 * To both ends: the other one is there; binary frames flow from now on. `peer` is its name as the station knows it.
 *
 *     `guest`, to a booth: who has come is the guest of the consultation, not its specialist.
 */
export interface Joined {
  type: "joined";
  consultation: string;
  peer: string;
  iceServers: IceServer[];
  guest?: boolean;
}
/**
 * A STUN or TURN server for this consultation.
 */
export interface IceServer {
  urls: string;
  username: string;
  credential: string;
}
/**
 * Keep what was heard up to now (ten seconds at most): the patient is asked, and what is kept comes as a sealed result.
 */
export interface KeepSound {
  type: "keep-sound";
}
/**
 * The newest directory of the organisation that the station has (protocol/directory.py), after the sign-in and at each change.
 */
export interface KeyDirectory {
  type: "key-directory";
  octets: string;
}
/**
 * The specialist ends the consultation; a guest leaves it.
 */
export interface Leave {
  type: "leave";
}
/**
 * To the remaining end: the other one is gone; `guest` as in `Joined`.
 */
export interface Left {
  type: "left";
  consultation: string;
  guest?: boolean;
}
/**
 * The specialist wants to hear the stethoscope over the call, or no longer.
 */
export interface Listen {
  type: "listen";
  on: boolean;
}
/**
 * An envelope for the signed-in specialist, with the key of the booth that deposited it.
 */
export interface Mail {
  type: "mail";
  id: string;
  sender: string;
  envelope: string;
}
/**
 * A specialist wants a code for one patient.
 */
export interface MakeCode {
  type: "make-code";
}
/**
 * What the link leaves of the booth's picture and sound, at each change: on a thin one stills or none, a narrower voice or none.
 */
export interface Media {
  type: "media";
  picture: "moving" | "none" | "stills";
  sound: "full" | "none" | "thin";
}
/**
 * The page's SDP offer.
 */
export interface Offer {
  type: "offer";
  sdp: string;
}
/**
 * The specialist has opened and shown an envelope: Ed25519 over `receipt_statement(id, at)`. The station deletes and passes it on.
 */
export interface Receipt {
  type: "receipt";
  id: string;
  at: number;
  signature: string;
}
/**
 * What was asked is refused; `reason` is a text key ("unknown-key", "bad-token", "already-joined", "no-such-consultation", ...).
 */
export interface Refused {
  type: "refused";
  reason: string;
  detail: string;
}
/**
 * The specialist's report, for the act record: what was found, what is concluded, which acts were done and what is prescribed.
 */
export interface Report {
  type: "report";
  text: string;
  conclusion: string;
  prescriptions?: string;
}
/**
 * First message of each direction. `log` names the sender's list of numbered messages; it has had `received` of the other end's list `of`.
 */
export interface Resume {
  type: "resume";
  log: string;
  of: string;
  received: number;
}
/**
 * The committed nonce, the page's signature over the transcript, and the header of its sealed stream (24 octets).
 */
export interface Reveal {
  type: "reveal";
  nonce: string;
  signature: string;
  header: string;
  confirmation?: string;
}
/**
 * The specialist asks to see through an exam camera; "" = the booth's camera again. The patient answers.
 */
export interface ShowCamera {
  type: "show-camera";
  camera: string;
}
/**
 * A specialist signs in with the one-time link's token, or goes on with a session; `key` is the Ed25519 key born in the page.
 *
 *     `proof` is its signature over `specialist_statement(origin, token, session, key)`: nobody reads the mail of a key that is not his.
 */
export interface SignIn {
  type: "sign-in";
  token: string;
  session: string;
  key: string;
  proof: string;
}
/**
 * The sign-in holds. `session` (empty for a booth) lets the same page go on after a reload.
 */
export interface SignedIn {
  type: "signed-in";
  name: string;
  session: string;
}
/**
 * Who is there and what can be measured; sent at the start and at each change. `patient` is the label that may be shown.
 *
 *     `identity` is how far the identity was checked (RNIV: "provisional", "retrieved", "validated", "qualified"); `guardian` who answers for a
 *     minor, "none" when nobody came with the minor, "" for an adult. With `pseudonym` the name is kept back, and `birth_date` is the year.
 */
export interface Situation {
  type: "situation";
  consultation: string;
  booth: string;
  patient: string;
  birthDate: string;
  sex: string;
  stage: string;
  present: string[];
  instruments: Instrument[];
  training: boolean;
  identity?: string;
  guardian?: string;
  pseudonym?: boolean;
}
/**
 * One device at the booth; `state` "ready", "measuring" or "absent".
 */
export interface Instrument {
  key: string;
  name: string;
  state: "absent" | "measuring" | "ready";
}
/**
 * A line of text, either way; `at` ms since the epoch. `by`: passed on by the booth, from the professional of this name.
 */
export interface Text {
  type: "text";
  text: string;
  at: number;
  by?: string;
}
/**
 * Values of one device at one moment, live or (`settled`) a result.
 *
 *     `reading` identifies the reading; `received` is when its bytes reached the booth, ms since the epoch by the booth's clock;
 *     `measured` ISO with zone; `flags` and `remarks` (plausibility) are text keys.
 */
export interface Values {
  type: "values";
  reading: string;
  device: string;
  name: string;
  numbers: Number[];
  settled: boolean;
  received: number;
  measured: string;
  flags: string[];
  remarks: string[];
}
/**
 * One value: a decimal text, or None with `absent` saying why; `unit` as printed.
 */
export interface Number {
  vital: string;
  value: string | null;
  absent: string | null;
  unit: string;
}
/**
 * What the specialist says of the authentication string.
 */
export interface Verified {
  type: "verified";
  same: boolean;
}
/**
 * Who waits, pushed to every signed-in specialist at each change.
 */
export interface WaitingRoom {
  type: "waiting-room";
  entries: Entry[];
}
/**
 * One booth in the waiting room; `since` in ms since the epoch, `busy` when a specialist is in, `code` the place by which it came.
 */
export interface Entry {
  consultation: string;
  booth: string;
  ticket: string;
  since: number;
  busy: boolean;
  code?: string;
}
export type ToStation = SignIn | GuestSignIn | Enrol | Join | Receipt | CloseRoom | MakeCode | CloseCode;
export type FromStation = SignedIn | KeyDirectory | WaitingRoom | Joined | Left | Mail | Refused | CodeMade;
export type HandshakeMessage = HelloSpecialist | HelloBooth | Reveal | Agreed | Declined;
export type ToBooth = Resume | Offer | Candidate | ShowCamera | AskPhoto | Ask | Listen | AskSite | KeepSound | Verified | Text | Draft | Report | BreakGlass | InviteGuest | DismissGuest | Leave;
export type FromBooth = Resume | Situation | Values | Curve | DeviceLost | Answer | CallFailed | ExamCameras | Text | Draft | Media | Auscultation | Guest | Ended;
