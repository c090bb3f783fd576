"""What people do at the screen, one message a touch."""

from __future__ import annotations

from typing import Literal, TypeAlias

from protocol.codec import Codec
from protocol.screen.message import Message
from protocol.sound import Site  # noqa: TC001 -- msgspec reads the annotations when it runs


class Ready(Message, frozen=True, tag="ready"):
    """The screen is painted for the first time, `first_frame_ms` after its start."""

    first_frame_ms: float


class OpenSession(Message, frozen=True, tag="open-session"):
    """The helper starts with a new patient."""


class TypedIdentity(Message, frozen=True, tag="typed-identity"):
    """Traits as typed: `birth_date` ISO, `sex` a FHIR administrative gender."""

    family_name: str
    given_name: str
    birth_date: str
    sex: Literal["male", "female", "other", "unknown"]

    def __repr__(self) -> str:
        return "TypedIdentity(•)"


class Choose(Message, frozen=True, tag="choose"):
    """The helper has compared a candidate with the person: this is the patient."""

    id: str


class Dismiss(Message, frozen=True, tag="dismiss"):
    """None of the candidates is the patient."""


class ReadCode(Message, frozen=True, tag="read-code"):
    """Open the camera to look for a code that is held before it, or close it."""

    wanted: bool


class SeeDocument(Message, frozen=True, tag="see-document"):
    """The helper has compared the identity with a document."""

    document: Literal["passport", "identity-card", "residence-permit", "vitale-card", "driving-licence", "other"]


class Guardian(Message, frozen=True, tag="guardian"):
    """Who answers for a minor; `relation` "none" when the minor comes without anybody, and both names are empty then."""

    family_name: str
    given_name: str
    relation: Literal["parent", "guardian", "other", "none"]

    def __repr__(self) -> str:
        return "Guardian(•)"


class Pseudonym(Message, frozen=True, tag="pseudonym"):
    """The patient wants (or no longer wants) a pseudonym shown instead of the name."""

    wanted: bool


class Stays(Message, frozen=True, tag="stays"):
    """The card was taken, and the patient stays."""


class StopList(Message, frozen=True, tag="stop-list"):
    """The emergency list was asked: True when one answer was yes."""

    emergency: bool


class Informed(Message, frozen=True, tag="informed"):
    """The patient has read, or was read, the information of this version."""

    version: str


class Consent(Message, frozen=True, tag="consent"):
    """One consent, given or refused or withdrawn; each is separate."""

    subject: Literal["act", "sharing", "photos"]
    given: bool


class Wait(Message, frozen=True, tag="wait"):
    """Enter the specialist's waiting room."""


class DoctorCode(Message, frozen=True, tag="doctor-code"):
    """The code that a doctor has given the patient, as typed: into that doctor's waiting room and no other."""

    text: str

    def __repr__(self) -> str:
        return "DoctorCode(•)"


class NoCode(Message, frozen=True, tag="no-code"):
    """Wait for any specialist, in the place of the doctor of the code."""


class Guest(Message, frozen=True, tag="guest"):
    """The patient's word on a guest of the specialist: before, whether one may come; afterwards, False sends the guest away."""

    agreed: bool


class Confirm(Message, frozen=True, tag="confirm"):
    """The helper confirms (True) or rejects (False) a pending result."""

    id: str
    accepted: bool


class Attach(Message, frozen=True, tag="attach"):
    """The helper says that an unattributed reading is this patient's."""

    id: str


class Identical(Message, frozen=True, tag="identical"):
    """Whether the authentication strings are the same on both screens."""

    same: bool


class Media(Message, frozen=True, tag="media"):
    """The patient's own switch of camera and microphone."""

    camera: bool
    microphone: bool


class ExamCamera(Message, frozen=True, tag="exam-camera"):
    """The helper takes an exam camera in hand; "" puts it away: nothing of it is sent from then on."""

    camera: str


class ShowExam(Message, frozen=True, tag="show-exam"):
    """The patient's answer: the picture of the exam camera may be seen by the specialist, or not."""

    given: bool


class Photograph(Message, frozen=True, tag="photograph"):
    """The helper takes a photograph by the exam camera that is shown."""


class SendPhoto(Message, frozen=True, tag="send-photo"):
    """The patient's answer to the photograph on the screen; `site` is where on the body it was taken, "" when nobody said."""

    given: bool
    site: str = ""


class CheckRoom(Message, frozen=True, tag="check-room"):
    """Begin or end the check of picture and sound before the call."""

    on: bool


class TestNetwork(Message, frozen=True, tag="test-network"):
    """Test the network once more before the call."""


class Say(Message, frozen=True, tag="say"):
    """A line of text to the specialist."""

    text: str

    def __repr__(self) -> str:
        return "Say(•)"


class Drafting(Message, frozen=True, tag="drafting"):
    """The line to the specialist as it is being written, whole each time."""

    text: str

    def __repr__(self) -> str:
        return "Drafting(•)"


class Auscultate(Message, frozen=True, tag="auscultate"):
    """The helper takes the stethoscope, puts it on a site, or puts it away."""

    on: bool
    site: Site | Literal[""] = ""


class KeepSound(Message, frozen=True, tag="keep-sound"):
    """The patient's yes or no to keeping what the stethoscope has heard."""

    given: bool


class Pause(Message, frozen=True, tag="pause"):
    """Pause or resume the consultation."""

    paused: bool


class End(Message, frozen=True, tag="end"):
    """End the consultation: close the record, print the patient's `copy` if it is wanted, erase."""

    copy: bool = False


class Person(Message, frozen=True, tag="person"):
    """Somebody beside the patient comes into the booth (`here`) or leaves it."""

    role: Literal["helper", "companion", "second-professional"]
    here: bool


class Touched(Message, frozen=True, tag="touched"):
    """Somebody is there. Every other message says so too; this one when there is nothing else to say."""


class NextPatient(Message, frozen=True, tag="next-patient"):
    """Leave the erase slip: back to the welcome screen."""


FromScreen: TypeAlias = (
    Ready
    | OpenSession
    | TypedIdentity
    | StopList
    | Informed
    | Consent
    | Wait
    | Confirm
    | Attach
    | Identical
    | Media
    | ExamCamera
    | ShowExam
    | Photograph
    | SendPhoto
    | CheckRoom
    | TestNetwork
    | Say
    | Drafting
    | Pause
    | End
    | NextPatient
    | Touched
    | Person
    | Choose
    | Dismiss
    | ReadCode
    | SeeDocument
    | Guardian
    | Pseudonym
    | Stays
    | DoctorCode
    | NoCode
    | Guest
    | Auscultate
    | KeepSound
)

from_screen: Codec[FromScreen] = Codec(FromScreen, "msgpack")
