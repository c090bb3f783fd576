"""The French of the act record: what its lines, fields, codes and measurements are called on paper."""

from __future__ import annotations

from typing import Any, Final

#: the kinds of lines; one that is not here is printed as it stands
KINDS: Final = {
    "opened": "Séance ouverte",
    "identity": "Identité du patient",
    "stop-list": "Liste d'urgence posée",
    "emergency": "Urgence",
    "information": "Information lue",
    "consent": "Consentement",
    "waiting": "Entrée en salle d'attente",
    "code-camera": "Caméra pour le code d'identité",
    "media": "Caméra et microphone du patient",
    "by-code": "Code d'un médecin",
    "without-code": "Attente sans code",
    "guest-wished": "Confrère souhaité par le spécialiste",
    "guest-invited": "Invité appelé",
    "guest-dismissed": "Fin de l'invitation",
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
    "clock-set": "Appareil mis à l'heure",
    "records-read": "Mémoire de l'appareil lue",
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
    "identity-status": "État de l'identité",
    "insi": "INSi sans réponse utilisable",
    "guardian": "Adulte qui répond du mineur",
    "pseudonym": "Pseudonyme",
    "break-glass": "Nom demandé par le spécialiste",
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
}
#: words for codes, by the field that holds them
CODES: Final = {
    "sex": {"female": "femme", "male": "homme", "other": "autre", "unknown": "inconnu"},
    "status": {"provisional": "provisoire", "retrieved": "récupérée", "validated": "validée", "qualified": "qualifiée"},
    "source": {
        "typed": "saisie",
        "fr-vitale": "carte Vitale",
        "fr-ins-datamatrix": "code INS",
        "be-eid": "carte d'identité belge",
        "de-egk": "carte de santé allemande",
        "ch-veka": "carte d'assuré suisse",
        "it-cns": "carte de santé italienne",
        "at-ecard": "carte de santé autrichienne",
    },
    "step": {
        "confirmed": "confirmée",
        "ins-found": "trouvée par INSi",
        "ins-refuted": "démentie par INSi",
        "document-seen": "pièce d'identité vue",
        "corrected": "corrigée",
        "doubted": "douteuse",
    },
    "relation": {"parent": "parent", "guardian": "tuteur", "other": "autre", "none": "venu seul"},
    "reason": {
        "unconfirmed": "jamais confirmé",
        "no-specialist": "aucun spécialiste n'est venu",
        "freeze": "image figée plus de deux secondes",
        "loss": "plus de 5 % de pertes sur la ligne",
        "device-lost": "appareil perdu",
        "reading-refused": "lecture illisible, refusée",
        "measurement-failed": "mesure sans valeur",
        "key-mismatch": "les chiffres comparés diffèrent",
        "call-failed": "appel en échec",
        "call-process-lost": "programme d'appel redémarré",
        "link-gives-way": "image ou son réduits par la ligne",
        "station-lost": "relais injoignable",
        "forged-receipt": "accusé de réception sans signature valable",
        "power-cut": "coupure de courant",
        "no-camera": "caméra absente",
        "camera-lost": "caméra perdue",
        "no-microphone": "microphone absent",
        "microphone-lost": "microphone perdu",
        "no-speaker": "haut-parleur absent",
    },
    "after": {"power-cut": "coupure de courant", "card-out": "carte retirée", "card-back": "même carte revenue"},
    "subject": {"act": "acte", "sharing": "partage", "photos": "photos", "guest": "confrère invité"},
    "of": {"guest": "l'invité"},
    "by": {
        "socket": "le relais",
        "channel": "l'appel",
        "booth": "la cabine",
        "specialist": "le spécialiste",
        "idle": "inactivité",
        "consent-withdrawn": "retrait du consentement",
        "other-card": "carte d'un autre patient",
    },
    "role": {
        "companion": "personne qui accompagne",
        "second-professional": "second professionnel",
        "helper": "accompagnant",
        "guest": "confrère invité",
    },
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
    return value(CODES.get(name, {}).get(str(given), given))
