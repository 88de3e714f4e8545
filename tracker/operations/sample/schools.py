"""The schools of the sample data: real Norman lycées, with what is public about them."""

from dataclasses import dataclass
from datetime import date

GENERAL, VOCATIONAL, BOTH = "general", "vocational", "both"


@dataclass(frozen=True)
class SampleSchool:
    """A school as the sample data make it; `pupils`: how many are invented for it."""

    uai: str
    name: str
    city: str
    postcode: str
    kind: str
    teaches: str
    pupils: int
    member_until: date | None = None


MEMBER_SINCE = date(2021, 9, 1)
LEFT_PROGRAMME = date(2024, 7, 31)

SCHOOLS = (
    SampleSchool("0142131R", "Lycée Jules Dumont d’Urville", "Caen", "14070", "lycee", BOTH, 300),
    SampleSchool("0140013N", "Lycée Malherbe", "Caen", "14052", "lycee", GENERAL, 210),
    SampleSchool("0140018U", "Lycée professionnel Victor Lépine", "Caen", "14000", "lprof", VOCATIONAL, 150),
    SampleSchool("0140004D", "Lycée Alain Chartier", "Bayeux", "14402", "lycee", GENERAL, 160),
    SampleSchool("0140061R", "Lycée Marcel Gambier", "Lisieux", "14107", "lycee", BOTH, 200),
    SampleSchool("0141555P", "Lycée Marie Curie", "Vire", "14503", "lycee", GENERAL, 130),
    SampleSchool("0500017X", "Lycée Alexis de Tocqueville", "Cherbourg-en-Cotentin", "50100", "lycee", BOTH, 250),
    SampleSchool("0500026G", "Lycée Charles-François Lebrun", "Coutances", "50207", "lycee", GENERAL, 150),
    SampleSchool("0610002W", "Lycée Marguerite de Navarre", "Alençon", "61014", "lycee", GENERAL, 170),
    SampleSchool("0610021S", "Lycée Jean Guéhenno", "Flers", "61105", "lycee", BOTH, 150),
    SampleSchool("0610004Y", "Lycée professionnel Marcel Mézen", "Alençon", "61041", "lprof", VOCATIONAL, 110),
    SampleSchool("0610006A", "Lycée Mézeray", "Argentan", "61200", "lycee", GENERAL, 40, LEFT_PROGRAMME),
)
