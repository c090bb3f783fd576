"""The French of the act record: what its lines, fields and measurements are called on paper."""

from __future__ import annotations

from typing import Any, Final

from kiosk.consultation.record_codes import CODES

#: the kinds of lines; one that is not here is printed as it stands
KINDS: Final = {
    "opened": "Séance ouverte",
    "identity": "Identité du patient",
    "stop-list": "Liste d’urgence posée",
    "emergency": "Urgence",
    "information": "Information lue",
    "consent": "Consentement",
    "waiting": "Entrée en salle d’attente",
    "code-camera": "Caméra pour le code d’identité",
    "media": "Caméra et microphone du patient",
    "by-code": "Code d’un médecin",
    "without-code": "Attente sans code",
    "guest-wished": "Confrère souhaité par le spécialiste",
    "guest-invited": "Invité appelé",
    "guest-dismissed": "Fin de l’invitation",
    "joined": "Arrivée du spécialiste",
    "left": "Départ du spécialiste",
    "authentication": "Comparaison des chiffres",
    "call-connected": "Appel établi",
    "carried": "Voie des valeurs en direct",
    "asked": "Mesure demandée",
    "measured": "Mesure reçue",
    "confirmed": "Mesure confirmée",
    "rejected": "Mesure écartée",
    "attached": "Mesure rattachée à la main",
    "unattributed": "Mesure non attribuée",
    "clock-set": "Appareil mis à l’heure",
    "records-read": "Mémoire de l’appareil lue",
    "kept": "Mesure scellée",
    "seen": "Mesure vue par le spécialiste",
    "report": "Compte rendu",
    "pause": "Pause",
    "resume": "Reprise",
    "incident": "Incident technique",
    "station-refused": "Refus du relais",
    "directory": "Annuaire des professionnels renouvelé",
    "present": "Personne présente",
    "card-out": "Carte retirée",
    "stays": "Le patient reste",
    "identity-status": "État de l’identité",
    "insi": "INSi sans réponse utilisable",
    "guardian": "Adulte qui répond du mineur",
    "pseudonym": "Pseudonyme",
    "break-glass": "Nom demandé par le spécialiste",
    "room-checked": "Vérification de l’image et du son",
    "network-tested": "Mesure de la connexion avant l’appel",
    "exam-camera-asked": "Caméra d’examen demandée",
    "exam-camera": "Caméra d’examen",
    "exam-camera-away": "Caméra d’examen rangée",
    "photo-asked": "Photo demandée",
    "photo": "Photo envoyée",
    "photo-refused": "Photo refusée, effacée",
    "auscultation": "Stéthoscope",
    "site-asked": "Point d’auscultation demandé",
    "listening": "Écoute du stéthoscope par le spécialiste",
    "sound-asked": "Extrait sonore demandé",
    "sound-consent": "Accord pour garder l’extrait sonore",
    "sound-kept": "Extrait sonore scellé",
    "unsent": "Résultat non envoyé",
    "still-there": "Le patient est toujours là",
    "ended": "Fin de la séance",
}
FIELDS: Final = {
    "booth": "lieu",
    "helper": "accompagnant",
    "training": "formation",
    "family": "nom de naissance",
    "given": "prénom",
    "birth_date": "date de naissance",
    "sex": "sexe",
    "status": "statut",
    "source": "source",
    "version": "version",
    "information": "information",
    "subject": "objet",
    "given_": "donné",
    "ticket": "ticket",
    "camera": "caméra",
    "microphone": "microphone",
    "specialist": "spécialiste",
    "key": "clé",
    "by_code": "par un code",
    "same": "identiques",
    "by": "par",
    "of": "au sujet de",
    "vital": "mesure",
    "vitals": "mesures",
    "device": "appareil",
    "reading": "mesure n°",
    "bundle": "empreinte du document",
    "seen_at": "vue à",
    "text": "texte",
    "conclusion": "conclusion",
    "prescriptions": "actes et prescriptions",
    "author": "auteur",
    "reason": "motif",
    "result": "résultat",
    "why": "détail",
    "detail": "détail",
    "flags": "signaux",
    "emergency": "urgence",
    "advice": "conseil",
    "freeze_ms": "image figée (ms)",
    "loss_percent": "pertes (%)",
    "role": "rôle",
    "here": "présent",
    "after": "après",
    "step": "étape",
    "relation": "lien",
    "wanted": "demandé",
    "values": "valeurs",
    "measured": "mesuré à",
    "site": "site",
    "on": "en marche",
    "seconds": "durée (s)",
    "picture": "image",
    "sound": "son",
    "light": "lumière",
    "noise": "bruit",
    "card": "appareil de son",
    "line": "ligne",
    "verdict": "résultat",
    "up_kbps": "envoi (kbit/s)",
    "down_kbps": "réception (kbit/s)",
    "round_trip_ms": "aller-retour (ms)",
    "relays": "relais d’appel",
    "photo": "photo n°",
    "sha256": "empreinte",
}
#: what a result may hold, as the screen calls it
VITALS: Final = {
    "systolic": "Systolique",
    "diastolic": "Diastolique",
    "mean-arterial-pressure": "Pression moyenne",
    "pulse-rate": "Pouls",
    "heart-rate": "Fréquence cardiaque",
    "spo2": "SpO₂",
    "temperature": "Température",
    "weight": "Poids",
    "height": "Taille",
    "bmi": "IMC",
    "body-fat": "Masse grasse",
    "glucose": "Glycémie",
    "ecg": "ECG",
    "hba1c": "HbA1c",
    "respiratory-rate": "Fréquence respiratoire",
}


def value(given: Any) -> str:
    """A value of a line in words."""
    if isinstance(given, bool):
        return "oui" if given else "non"
    if isinstance(given, list):
        return ", ".join(value(item) for item in given) or "—"
    if isinstance(given, dict):
        return ", ".join(f"{VITALS.get(name, name)} {value(item)}" for name, item in given.items()) or "—"
    return "—" if given is None or given == "" else VITALS.get(str(given), str(given))


def field(kind: str, name: str) -> str:
    """What a field of a line is called."""
    if kind == "consent" and name == "given":
        return FIELDS["given_"]
    return FIELDS.get(name, name)


def code(name: str, given: Any) -> str:
    """The value of a field in words."""
    return value(_in_words(CODES.get(name, {}), given))


def _in_words(words: dict[str, str], given: Any) -> Any:
    if isinstance(given, list):
        return [_in_words(words, item) for item in given]
    if isinstance(given, dict):
        return {key: _in_words(words, item) for key, item in given.items()}
    return words.get(str(given), given)
