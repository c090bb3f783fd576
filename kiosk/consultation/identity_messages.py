"""What the screen says, and which way out it offers, for everything that can go wrong while a patient is identified. French, then English."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from drivers.identity import CardError, CardProblem, CodeError, CodeProblem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kiosk.consultation.identity import IdentityError, InsiError


@dataclass(frozen=True, slots=True)
class Message:
    """One sentence of what happened and one of what to do, in both languages."""

    french: str
    french_way_out: str
    english: str
    english_way_out: str


_TYPE_FR = "Sinon, touchez « Sans carte » et saisissez l’identité."
_TYPE_EN = "Otherwise touch “No card” and type the identity."
_REPRINT_FR = "Présentez un autre document, ou touchez « Sans carte »."
_REPRINT_EN = "Show another document, or touch “No card”."
_RESCAN_FR = "Présentez le code à nouveau, bien à plat et entier."
_RESCAN_EN = "Show the code again, flat and whole."

_CARDS: dict[CardProblem, Message] = {
    CardProblem.NO_READER: Message(
        "Le lecteur de carte n’est pas branché.",
        f"Rebranchez le lecteur, il sera reconnu tout seul. {_TYPE_FR}",
        "The card reader is not plugged in.",
        f"Plug it in again, it will be found by itself. {_TYPE_EN}",
    ),
    CardProblem.SERVICE_LOST: Message(
        "Le service des cartes redémarre.",
        f"Patientez quelques secondes puis présentez la carte à nouveau. {_TYPE_FR}",
        "The card service is restarting.",
        f"Wait a few seconds, then present the card again. {_TYPE_EN}",
    ),
    CardProblem.NO_CARD: Message(
        "Aucune carte dans le lecteur.",
        f"Insérez la carte, puce vers le lecteur. {_TYPE_FR}",
        "There is no card in the reader.",
        f"Insert the card, chip first. {_TYPE_EN}",
    ),
    CardProblem.SEVERAL_CARDS: Message(
        "Plusieurs cartes de patient sont présentes.",
        "Ne laissez que la carte de la personne qui consulte.",
        "Several patient cards are present.",
        "Leave only the card of the person who is here to consult.",
    ),
    CardProblem.MUTE: Message(
        "La carte ne répond pas : elle est peut-être à l’envers.",
        f"Retirez-la, retournez-la et insérez-la puce vers le lecteur. {_TYPE_FR}",
        "The card does not answer: it may be upside down.",
        f"Take it out, turn it over and insert it chip first. {_TYPE_EN}",
    ),
    CardProblem.REMOVED: Message(
        "La carte a été retirée pendant la lecture ; rien n’a été gardé.",
        "Insérez-la à nouveau et laissez-la en place.",
        "The card was taken out while it was read; nothing was kept.",
        "Insert it again and leave it in place.",
    ),
    CardProblem.CHANGED: Message(
        "Les deux lectures de la carte diffèrent ; rien n’a été gardé.",
        "Retirez la carte, vérifiez que c’est la bonne et insérez-la à nouveau.",
        "The two readings of the card differ; nothing was kept.",
        "Take the card out, check that it is the right one and insert it again.",
    ),
    CardProblem.DEADLINE: Message(
        "La carte n’a pas répondu à temps.",
        f"Retirez-la, essuyez la puce et insérez-la à nouveau. {_TYPE_FR}",
        "The card did not answer in time.",
        f"Take it out, wipe the chip and insert it again. {_TYPE_EN}",
    ),
    CardProblem.BUSY: Message(
        "Un autre logiciel utilise la carte.",
        "Fermez l’autre logiciel, ou retirez la carte et insérez-la à nouveau.",
        "Another program is using the card.",
        "Close the other program, or take the card out and insert it again.",
    ),
    CardProblem.UNSUPPORTED: Message(
        "Cette carte n’est pas une carte d’identité ou de santé connue de la borne.",
        f"Présentez une autre carte. {_TYPE_FR}",
        "This card is not an identity or health card that the booth knows.",
        f"Present another card. {_TYPE_EN}",
    ),
    CardProblem.PROFESSIONAL: Message(
        "C’est une carte de professionnel de santé, pas celle du patient.",
        "Mettez-la dans le lecteur du professionnel et insérez ici la carte du patient.",
        "This is a health professional’s card, not the patient’s.",
        "Put it into the professional’s reader and insert the patient’s card here.",
    ),
    CardProblem.CONTACTLESS: Message(
        "Ce badge sans contact ne dit pas qui vous êtes.",
        f"Insérez une carte à puce. {_TYPE_FR}",
        "This contactless badge does not say who you are.",
        f"Insert a chip card. {_TYPE_EN}",
    ),
    CardProblem.VITALE_OFF: Message(
        "La lecture de la carte Vitale n’est pas activée sur cette borne.",
        "Présentez un code INS ou touchez « Sans carte ». L’exploitant peut l’activer en déclarant sa base légale.",
        "Reading the Vitale card is not enabled on this booth.",
        "Show an INS code or touch “No card”. The operator can enable it by stating the legal basis.",
    ),
    CardProblem.DATA: Message(
        "Les données de la carte sont illisibles.",
        f"Essuyez la puce et insérez la carte à nouveau. {_TYPE_FR}",
        "The data on the card cannot be read.",
        f"Wipe the chip and insert the card again. {_TYPE_EN}",
    ),
    CardProblem.TOO_LARGE: Message(
        "La carte répond d’une façon anormale ; la lecture est arrêtée.",
        f"Retirez cette carte. {_TYPE_FR}",
        "The card answers abnormally; reading was stopped.",
        f"Take this card out. {_TYPE_EN}",
    ),
    CardProblem.COMMAND: Message(
        "La borne a refusé une commande qui n’est pas une simple lecture.",
        "Retirez la carte et prévenez le support technique.",
        "The booth refused a command that is not a plain read.",
        "Take the card out and tell technical support.",
    ),
    CardProblem.SIGNATURE: Message(
        "La signature de la carte est fausse : ses données ont été modifiées.",
        "N’utilisez pas cette carte. Touchez « Sans carte » et vérifiez une pièce d’identité.",
        "The signature on the card is wrong: its data were altered.",
        "Do not use this card. Touch “No card” and check an identity document.",
    ),
}

_CODES: dict[CodeProblem, Message] = {
    CodeProblem.NO_CODE: Message(
        "Aucun code n’est visible.",
        f"Approchez le code de la caméra, bien à plat et éclairé. {_TYPE_FR}",
        "No code can be seen.",
        f"Hold the code near the camera, flat and well lit. {_TYPE_EN}",
    ),
    CodeProblem.SEVERAL_CODES: Message(
        "Plusieurs codes d’identité sont visibles.",
        "Ne montrez que celui de la personne qui consulte.",
        "Several identity codes can be seen.",
        "Show only that of the person who is here to consult.",
    ),
    CodeProblem.IMAGE: Message(
        "L’image de la caméra est inutilisable.",
        f"Vérifiez que la caméra est branchée et dégagée. {_TYPE_FR}",
        "The camera picture cannot be used.",
        f"Check that the camera is plugged in and not covered. {_TYPE_EN}",
    ),
    CodeProblem.NOT_INS: Message(
        "Ce code n’est pas un code d’identité (INS).",
        f"Une boîte de médicament porte un autre code : montrez celui de l’ordonnance. {_TYPE_FR}",
        "This code is not an identity code (INS).",
        f"A medicine box carries another code: show the one on the prescription. {_TYPE_EN}",
    ),
    CodeProblem.SIGNED_DOCUMENT: Message(
        "Ce code est un 2D-Doc : la borne ne sait pas encore le vérifier.",
        _REPRINT_FR,
        "This code is a 2D-Doc: the booth cannot check it yet.",
        _REPRINT_EN,
    ),
    CodeProblem.VERSION: Message(
        "Ce code INS est d’une version inconnue.",
        _REPRINT_FR,
        "This INS code is of an unknown version.",
        _REPRINT_EN,
    ),
    CodeProblem.TOO_LONG: Message(
        "Ce code est trop long pour un code INS.",
        _REPRINT_FR,
        "This code is too long for an INS code.",
        _REPRINT_EN,
    ),
    CodeProblem.CHARACTER: Message(
        "Le code contient un caractère interdit.",
        f"{_RESCAN_FR} Avec une douchette, vérifiez son réglage.",
        "The code holds a forbidden character.",
        f"{_RESCAN_EN} With a hand scanner, check its settings.",
    ),
    CodeProblem.FIELD_UNKNOWN: Message(
        "Le code contient un champ inconnu.",
        _RESCAN_FR,
        "The code holds an unknown field.",
        _RESCAN_EN,
    ),
    CodeProblem.FIELD_TWICE: Message(
        "Le code contient deux fois le même champ.",
        _REPRINT_FR,
        "The code holds the same field twice.",
        _REPRINT_EN,
    ),
    CodeProblem.FIELD_MISSING: Message(
        "Le code est incomplet, ou la douchette perd les séparateurs.",
        f"{_RESCAN_FR} Avec une douchette, activez les caractères de contrôle.",
        "The code is incomplete, or the hand scanner loses the separators.",
        f"{_RESCAN_EN} With a hand scanner, enable control characters.",
    ),
    CodeProblem.FIELD_LENGTH: Message(
        "Un champ du code n’a pas la bonne longueur.",
        _RESCAN_FR,
        "A field of the code has the wrong length.",
        _RESCAN_EN,
    ),
    CodeProblem.SEPARATOR: Message(
        "Un séparateur du code est perdu ou de trop.",
        f"{_RESCAN_FR} Avec une douchette, activez les caractères de contrôle.",
        "A separator of the code is lost or misplaced.",
        f"{_RESCAN_EN} With a hand scanner, enable control characters.",
    ),
    CodeProblem.NUMBER: Message(
        "Le numéro n’a pas la forme d’un matricule INS.",
        "Vérifiez les quinze caractères, ou laissez le numéro vide.",
        "The number has not the form of an INS number.",
        "Check its fifteen characters, or leave the number empty.",
    ),
    CodeProblem.AUTHORITY: Message(
        "L’organisme qui a donné ce numéro est inconnu.",
        _REPRINT_FR,
        "The authority that gave this number is unknown.",
        _REPRINT_EN,
    ),
    CodeProblem.TEST_IDENTITY: Message(
        "C’est une identité de test, refusée sur une borne en service.",
        _REPRINT_FR,
        "This is a test identity, refused on a booth in service.",
        _REPRINT_EN,
    ),
    CodeProblem.REAL_IDENTITY: Message(
        "C’est une identité réelle, refusée sur une borne de test.",
        "Utilisez un code de test.",
        "This is a real identity, refused on a test booth.",
        "Use a test code.",
    ),
    CodeProblem.SEX: Message(
        "Le sexe indiqué n’est pas valable.",
        _REPRINT_FR,
        "The sex given is not valid.",
        _REPRINT_EN,
    ),
    CodeProblem.DATE: Message(
        "La date de naissance n’existe pas.",
        "Vérifiez jour, mois et année ; l’année seule suffit si le reste est inconnu.",
        "The birth date does not exist.",
        "Check day, month and year; the year alone will do where the rest is unknown.",
    ),
    CodeProblem.PLACE: Message(
        "Le lieu de naissance n’est pas un code officiel.",
        _REPRINT_FR,
        "The birth place is not an official code.",
        _REPRINT_EN,
    ),
    CodeProblem.NAME: Message(
        "Un nom ou un prénom manque ou n’est pas lisible.",
        "Saisissez le nom de naissance et les prénoms en lettres.",
        "A family name or given name is missing or unreadable.",
        "Type the birth name and the given names in letters.",
    ),
}

_STEPS: dict[str, Message] = {
    "other-person": Message(
        "Ce n’est pas la personne de la séance interrompue.",
        "Vérifiez ce qui est saisi. Si c’est un autre patient, touchez « Effacer » et ouvrez une nouvelle consultation.",
        "This is not the person of the interrupted session.",
        "Check what was typed. If it is another patient, touch “Erase” and open a new consultation.",
    ),
    "somebody-else": Message(
        "Une correction ne change qu’un trait : ici, ce serait un autre patient.",
        "Vérifiez ce qui est saisi. Pour un autre patient, terminez et ouvrez une nouvelle consultation.",
        "A correction changes one trait: this would be another patient.",
        "Check what was typed. For another patient, end and open a new consultation.",
    ),
    "identity-without-name": Message(
        "Le nom de naissance manque.",
        "Saisissez le nom de naissance.",
        "The birth name is missing.",
        "Type the birth name.",
    ),
    "helper-unknown": Message(
        "Personne n’est identifié pour aider à la borne.",
        "Identifiez-vous d’abord avec votre carte ou votre code.",
        "Nobody is signed in to help at the booth.",
        "Sign in first with your card or code.",
    ),
    "document-not-trusted": Message(
        "Ce document ne suffit pas pour valider l’identité.",
        "Demandez un passeport, une carte d’identité ou un titre de séjour, ou continuez avec l’identité provisoire.",
        "This document is not enough to validate the identity.",
        "Ask for a passport, an identity card or a residence permit, or go on with the provisional identity.",
    ),
    "identity-doubtful": Message(
        "Cette identité est signalée comme douteuse.",
        "Continuez avec l’identité provisoire : le médecin en est averti. Sinon, recommencez l’identification.",
        "This identity is marked as doubtful.",
        "Go on with the provisional identity: the doctor is told. Otherwise identify the patient again.",
    ),
    "trait-unknown": Message(
        "Cette correction n’est pas possible.",
        "Corrigez le nom, les prénoms, la date, le sexe ou le lieu de naissance.",
        "This correction is not possible.",
        "Correct the name, given names, date, sex or birth place.",
    ),
    "identity-incomplete": Message(
        "INSi a besoin du nom, d’un prénom, du sexe et de la date de naissance complète.",
        "Complétez l’identité, ou continuez avec l’identité provisoire.",
        "INSi needs the name, a given name, the sex and the whole birth date.",
        "Complete the identity, or go on with the provisional one.",
    ),
    "ins-not-found": Message(
        "INSi ne trouve personne avec cette identité.",
        "Vérifiez l’orthographe et la date sur une pièce d’identité, ou continuez avec l’identité provisoire.",
        "INSi finds nobody with this identity.",
        "Check spelling and date on an identity document, or go on with the provisional identity.",
    ),
    "ins-several": Message(
        "INSi trouve plusieurs personnes.",
        "Ajoutez tous les prénoms ou le lieu de naissance, ou continuez avec l’identité provisoire.",
        "INSi finds several people.",
        "Add all given names or the birth place, or go on with the provisional identity.",
    ),
    "ins-differs": Message(
        "La réponse d’INSi ne correspond pas à ce patient ; elle n’est pas utilisée.",
        "Comparez avec une pièce d’identité, ou continuez avec l’identité provisoire.",
        "The answer of INSi does not fit this patient and is not used.",
        "Compare with an identity document, or go on with the provisional identity.",
    ),
    "ins-test-identity": Message(
        "INSi a répondu avec une identité de test, refusée sur une borne en service.",
        "Continuez avec l’identité provisoire et prévenez le support technique.",
        "INSi answered with a test identity, refused on a booth in service.",
        "Go on with the provisional identity and tell technical support.",
    ),
    "ins-real-identity": Message(
        "Une identité réelle est refusée sur cette borne de test.",
        "Utilisez une identité de test.",
        "A real identity is refused on this test booth.",
        "Use a test identity.",
    ),
    "insi-unavailable": Message(
        "Le service INSi ne répond pas.",
        "Continuez avec l’identité provisoire ; réessayez plus tard.",
        "The INSi service does not answer.",
        "Go on with the provisional identity; try again later.",
    ),
    "insi-refused": Message(
        "Le service INSi a refusé la demande.",
        "Vérifiez les traits saisis, ou continuez avec l’identité provisoire.",
        "The INSi service refused the request.",
        "Check what was typed, or go on with the provisional identity.",
    ),
    "insi-deadline": Message(
        "Le service INSi n’a pas répondu à temps.",
        "Continuez avec l’identité provisoire ; réessayez plus tard.",
        "The INSi service did not answer in time.",
        "Go on with the provisional identity; try again later.",
    ),
}

#: what a warning of a candidate says beside it; a candidate with a warning can still be chosen
WARNINGS: Mapping[str, tuple[str, str]] = {
    "not-signed": ("Copie non signée : à comparer avec une pièce d’identité.", "Unsigned copy: compare with an identity document."),
    "number-of-the-insured": ("Numéro de l’assuré : ce n’est pas celui du patient.", "The insured person’s number, not the patient’s."),
    "check-digits-wrong": ("La clé du numéro est fausse.", "The check digits of the number are wrong."),
    "birth-date-unknown": ("Date de naissance inconnue.", "Birth date unknown."),
    "birth-date-partial": ("Date de naissance incomplète.", "Birth date incomplete."),
    "several-holders": ("Plusieurs personnes sur la carte : choisissez qui consulte.", "Several people on the card: choose who is here."),
    "signer-not-pinned": (
        "Signature intacte, mais l’autorité n’est pas vérifiée.",
        "The signature is intact, but its authority is not verified.",
    ),
}


def message(error: CardError | CodeError | IdentityError | InsiError) -> Message:
    """The sentences of one error."""
    if isinstance(error, CardError):
        return _CARDS[error.reason]
    if isinstance(error, CodeError):
        return _CODES[error.reason]
    return _STEPS[error.reason]


def messages() -> Mapping[str, Message]:
    """All sentences by their reason: for a screen that is sent reasons."""
    return {str(reason): said for table in (_CARDS, _CODES, _STEPS) for reason, said in table.items()}
