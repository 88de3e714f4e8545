"""Invented files of SIECLE and FREGATA, built from a few words; other tests use them too."""

import io
import json
import zipfile
from xml.sax.saxutils import escape, quoteattr

SCHOOL = "0149901L"
COLLEGE = "0149950P"
SECONDE = "20010019110"
TROISIEME = "10310019110"


def element(name: str, content: str = "", **attributes: str) -> str:
    """One element; `content` is markup."""
    inside = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    return f"<{name}{inside}>{content}</{name}>"


def fields(values: dict[str, str | None]) -> str:
    """One line for each field that has a value; None leaves the tag out."""
    return "".join(f"\n        {element(key, escape(value))}" for key, value in values.items() if value is not None)


def last_year(uai: str = COLLEGE, mef: str = TROISIEME) -> str:
    """The block of last year's school, with its own MEL, as it stands inside of a pupil."""
    block = {"CODE_MEF": mef, "CODE_STRUCTURE": "3A", "CODE_RNE": uai, "MEL": f"ce.{uai}@ac-exemple.test"}
    return "\n        " + element("SCOLARITE_AN_DERNIER", fields(block))


def pupil(number: int = 1, *, extra: str | None = None, **values: str | None) -> str:
    """A pupil in seconde, everything in order; any tag can be set, or left out by None."""
    usual = {
        "ID_NATIONAL": f"99{number:07d}BA",
        "INE_RNIE": f"99{number:07d}BA",
        "NOM_DE_FAMILLE": f"DURAND{number}",
        "PRENOM": "Léa",
        "DATE_NAISS": "14/03/2010",
        "DOUBLEMENT": "0",
        "MEL": f"lea.durand{number}@exemple.test",
        "CODE_REGIME": "2",
        "DATE_ENTREE": "01/09/2025",
        "CODE_STATUT": "ST",
        "CODE_MEF": SECONDE,
    }
    inside = fields(usual | values) + (last_year() if extra is None else extra)
    return "\n      " + element("ELEVE", inside, ELEVE_ID=str(700000 + number), ELENOET=str(number))


def structures(number: int = 1, *codes: tuple[str, str]) -> str:
    """The divisions (D) and groups (G) of a pupil: (code, type)."""
    listed = "".join(
        element("STRUCTURE", fields({"CODE_STRUCTURE": code, "TYPE_STRUCTURE": kind})) for code, kind in codes
    )
    return "\n      " + element("STRUCTURES_ELEVE", listed, ELEVE_ID=str(700000 + number))


def in_class(number: int = 1, code: str = "2GT1") -> str:
    """A pupil's one division."""
    return structures(number, (code, "D"))


def parameters(uai: str | None = SCHOOL, year: str | None = "2025", stamp: str | None = "10/11/2025 05:12:07") -> str:
    """The block that says whose file this is, of which school year and when."""
    day = stamp[:10] if stamp else None
    return "\n  " + element(
        "PARAMETRES", fields({"UAJ": uai, "ANNEE_SCOLAIRE": year, "DATE_EXPORT": day, "HORODATAGE": stamp})
    )


def document(
    root: str,
    *blocks: str,
    head: str | None = None,
    encoding: str = "ISO-8859-15",
    declared: str | None = "ISO-8859-15",
) -> bytes:
    """A whole file; `encoding` is how it is written, `declared` what it says of it (None: nothing)."""
    declaration = f'<?xml version="1.0" encoding="{declared}"?>\n' if declared else ""
    body = element(root, (parameters() if head is None else head) + element("DONNEES", "".join(blocks)), VERSION="3.0")
    return (declaration + body).encode(encoding)


def pupils_file(*pupils: str, classes: tuple[str, ...] | None = None, first: str = "pupils", **how: object) -> bytes:
    """A pupils' file; without `classes` each pupil of 1 to n is in one; `first`: which block comes first."""
    placed = tuple(in_class(number) for number in range(1, len(pupils) + 1)) if classes is None else classes
    blocks = [element("ELEVES", "".join(pupils)), element("STRUCTURES", "".join(placed))]
    return document("BEE_ELEVES", *(blocks if first == "pupils" else reversed(blocks)), **how)  # type: ignore[arg-type]


def person(number: int = 1, **values: str | None) -> str:
    """A person of the guardians' file."""
    usual = {
        "LC_CIVILITE": "MME",
        "NOM_DE_FAMILLE": f"PARENT{number}",
        "PRENOM": "Ana",
        "TEL_PORTABLE": f"+3363900{number:04d}",
        "MEL": f"parent{number}@exemple.test",
    }
    return "\n      " + element("PERSONNE", fields(usual | values), PERSONNE_ID=str(900000 + number))


def link(pupil_number: int = 1, person_number: int = 1, **values: str | None) -> str:
    """What a person is to a pupil: a legal guardian, unless said otherwise."""
    usual = {
        "ELEVE_ID": str(700000 + pupil_number),
        "PERSONNE_ID": str(900000 + person_number),
        "NIVEAU_RESPONSABILITE": "1",
    }
    return "\n      " + element("RESPONSABLE_ELEVE", fields(usual | values))


def guardians_file(*persons: str, links: tuple[str, ...], first: str = "persons", **how: object) -> bytes:
    """A guardians' file; `first`: which block comes first."""
    blocks = [element("PERSONNES", "".join(persons)), element("RESPONSABLES", "".join(links))]
    return document("BEE_RESPONSABLES", *(blocks if first == "persons" else reversed(blocks)), **how)  # type: ignore[arg-type]


def zipped(*files: tuple[str, bytes]) -> bytes:
    """A ZIP of these files, by name."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return packed.getvalue()


FREGATA_HEADINGS = (
    "Identifiant unique*",
    "Premier prénom*",
    "Deuxième prénom",
    "Nom de famille*",
    "Nom d'usage",
    "Code sexe*",
    "Date de naissance (jj/mm/aaaa)*",
    "Libellé commune naissance**",
    "Statut*",
    "Code MEF*",
    "Division*",
)


def fregata_row(number: int = 1, **values: str) -> dict[str, str]:
    """A pupil of FREGATA's table by heading; `values` by the first word of a heading (`Nom`: the family name)."""
    usual = dict.fromkeys(FREGATA_HEADINGS, "") | {
        "Identifiant unique*": f"99{number:07d}BA",
        "Premier prénom*": "Maël",
        "Nom de famille*": f"GUÉRIN{number}",
        "Code sexe*": "Masculin",
        "Date de naissance (jj/mm/aaaa)*": "05/02/2010",
        "Statut*": "ST",
        "Code MEF*": "27621114310",
        "Division*": "2PRO HORTI",
    }
    return usual | values


def fregata_csv(
    *rows: dict[str, str], separator: str = ";", encoding: str = "utf-8", headings: tuple[str, ...] = FREGATA_HEADINGS
) -> bytes:
    """FREGATA's table, its columns in the order of `headings`."""
    lines = [headings, *(tuple(row[name] for name in headings) for row in rows)]
    return "\r\n".join(separator.join(line) for line in lines).encode(encoding)


def fregata_record(number: int = 1, **values: object) -> dict:
    """A pupil as FREGATA's web service sends it."""
    return {
        "id": number,
        "estEN": False,
        "dateEntreeEtablissement": "2025-09-02",
        "dateSortieEtablissement": None,
        "dateSortieFormation": None,
        "statutApprenant": {"code": "2501"},
        "division": {"libelle": "2PRO HORTI"},
        "sectionReference": {"codeMef": "27621114310", "anneeScolaireId": 29},
        "apprenant": {
            "prenomUsuel": "Maël",
            "nomUsuel": f"GUÉRIN{number}",
            "dateNaissance": "2010-02-05",
            "ine": f"99{number:07d}BA",
        },
    } | values


def fregata_json(*records: object) -> bytes:
    """The web service's answer."""
    return json.dumps(list(records), ensure_ascii=False, indent=1).encode()
