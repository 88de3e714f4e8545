"""Rosters as SIECLE exports them, written from plain values: to try imports with, and to measure them."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import partial
from typing import Any
from xml.sax.saxutils import escape, quoteattr

ENCODING = "iso-8859-15"
AS_SIECLE, WHOLE = "replace", "xmlcharrefreplace"
"""A sign that the encoding lacks: a question mark, as SIECLE writes it; or kept, by its number."""

_TAGS = {
    "ine": "ID_NATIONAL",
    "rnie": "INE_RNIE",
    "last_name": "NOM_DE_FAMILLE",
    "first_name": "PRENOM",
    "birth_date": "DATE_NAISS",
    "repeats_year": "DOUBLEMENT",
    "country": "CODE_PAYS",
    "email": "MEL",
    "regime": "CODE_REGIME",
    "entered_on": "DATE_ENTREE",
    "left_on": "DATE_SORTIE",
    "exit_reason": "CODE_MOTIF_SORTIE",
    "sex": "CODE_SEXE",
    "nationality": "CODE_PAYS_NAT",
    "status": "CODE_STATUT",
    "mef": "CODE_MEF",
    "birth_department": "CODE_DEPARTEMENT_NAISS",
    "birth_town": "CODE_COMMUNE_INSEE_NAISS",
    "transport": "ADHESION_TRANSPORT",
    "provenance": "CODE_PROVENANCE",
}
_LAST_YEAR = {
    "previous_mef": "CODE_MEF",
    "previous_class": "CODE_STRUCTURE",
    "previous_uai": "CODE_RNE",
    "previous_initials": "SIGLE",
    "previous_name": "DENOM_PRINC",
    "previous_email": "MEL",
    "previous_phone": "TELEPHONE",
}


def pupils_file(
    uai: str, school_year: int, exported_at: datetime, pupils: Iterable[Mapping[str, Any]], beyond: str = AS_SIECLE
) -> Iterator[bytes]:
    """BEE_ELEVES, piece by piece. Each pupil: `roster_id`, `class_name`, `groups`, the names of _TAGS and _LAST_YEAR.

    What is missing or empty is left out, as SIECLE does.
    """
    structures: list[str] = []
    put = partial(_encoded, beyond=beyond)
    yield put(_head("BEE_ELEVES", uai, school_year, exported_at) + "    <ELEVES>\n")
    for pupil in pupils:
        yield put(_pupil(pupil))
        if pupil.get("class_name"):
            structures.append(_structure(pupil))
    yield put("    </ELEVES>\n    <STRUCTURES>\n")
    yield from map(put, structures)
    yield put("    </STRUCTURES>\n  </DONNEES>\n</BEE_ELEVES>\n")


def guardians_file(
    uai: str, school_year: int, exported_at: datetime, guardians: Iterable[Mapping[str, Any]], beyond: str = AS_SIECLE
) -> Iterator[bytes]:
    """BEE_RESPONSABLES, piece by piece. Each guardian: the pupil's `roster_id`, title, names, email, phone, `legal`."""
    links: list[str] = []
    put = partial(_encoded, beyond=beyond)
    yield put(_head("BEE_RESPONSABLES", uai, school_year, exported_at) + "    <PERSONNES>\n")
    for number, each in enumerate(guardians, 1):
        tags = {"LC_CIVILITE": "title", "NOM_DE_FAMILLE": "last_name", "PRENOM": "first_name"}
        tags |= {"MEL": "email", "TEL_PORTABLE": "phone"}
        inside = "".join(_tag(tag, each.get(name)) for tag, name in tags.items())
        yield put(f'      <PERSONNE PERSONNE_ID="{number}">{inside}</PERSONNE>\n')
        level = _tag("NIVEAU_RESPONSABILITE", 1 if each["legal"] else 3)
        ids = _tag("ELEVE_ID", each["roster_id"]) + _tag("PERSONNE_ID", number)
        links.append(f"      <RESPONSABLE_ELEVE>{ids}{level}</RESPONSABLE_ELEVE>\n")
    yield put("    </PERSONNES>\n    <RESPONSABLES>\n")
    yield from map(put, links)
    yield put("    </RESPONSABLES>\n  </DONNEES>\n</BEE_RESPONSABLES>\n")


def _head(root: str, uai: str, school_year: int, exported_at: datetime) -> str:
    told = (
        _tag("UAJ", uai) + _tag("ANNEE_SCOLAIRE", school_year) + _tag("HORODATAGE", f"{exported_at:%d/%m/%Y %H:%M:%S}")
    )
    declaration = '<?xml version="1.0" encoding="ISO-8859-15"?>'
    return f'{declaration}\n<{root} VERSION="3.0">\n  <PARAMETRES>{told}</PARAMETRES>\n  <DONNEES>\n'


def _pupil(pupil: Mapping[str, Any]) -> str:
    inside = "".join(f"        {_tag(tag, pupil.get(name))}\n" for name, tag in _TAGS.items() if _said(pupil.get(name)))
    last_year = "".join(_tag(tag, pupil.get(name)) for name, tag in _LAST_YEAR.items())
    if last_year:
        inside += f"        <SCOLARITE_AN_DERNIER>{last_year}</SCOLARITE_AN_DERNIER>\n"
    return f"      <ELEVE ELEVE_ID={quoteattr(str(pupil['roster_id']))}>\n{inside}      </ELEVE>\n"


def _structure(pupil: Mapping[str, Any]) -> str:
    codes = [(group, "G") for group in pupil.get("groups", ())] + [(pupil["class_name"], "D")]
    each = (
        f"<STRUCTURE>{_tag('CODE_STRUCTURE', code)}{_tag('TYPE_STRUCTURE', kind)}</STRUCTURE>" for code, kind in codes
    )
    named = f"<STRUCTURES_ELEVE ELEVE_ID={quoteattr(str(pupil['roster_id']))}>"
    return f"      {named}{''.join(each)}</STRUCTURES_ELEVE>\n"


def _tag(name: str, value: Any) -> str:
    return f"<{name}>{escape(_text(value))}</{name}>" if _said(value) else ""


def _said(value: Any) -> bool:
    return value is not None and value != ""


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return f"{value:%d/%m/%Y}" if isinstance(value, date) else str(value)


def _encoded(text: str, beyond: str) -> bytes:
    return text.encode(ENCODING, beyond)
