"""Rows that cannot be taken: whoever they may be of is in the file, and has not left (E3, L5)."""

from tests.operations.rosters.files import SECONDE, codes, days, figures, fregata_of, pupil, row
from tests.rosters.siecle import fregata_json, fregata_record
from tracker.models.rosters import Departure
from tracker.rules.rosters import Stop


def test_of_two_pupils_with_one_number_neither_is_a_leaver(desk, school):
    desk.apply(school, row(1), row(2), row(3))
    desk.apply(school, row(1), row(2, ine=row(1)["ine"], roster_id=9), row(3), on=days(1))
    assert Departure.select().count() == 0


def test_a_row_that_does_not_say_whose_it_is_makes_nobody_a_leaver(desk, school):
    def line(number: int) -> dict[str, str]:
        return {
            "Identifiant unique": f"99{number:07d}BA", "Premier prénom": "Léa", "Nom de famille": f"DURAND{number}",
            "Date de naissance": "02/03/2011", "Statut": "ST", "Code MEF": SECONDE, "Division": "2GT1",
        }  # fmt: skip

    desk.apply_file(school, fregata_of(line(1), line(2), line(3)))
    shifted = line(2) | {"Identifiant unique": "", "Nom de famille": "DURAND;2"}
    _made, reading = desk.offer(school, fregata_of(line(1), shifted), on=days(1))
    assert [(each.code, each.facts) for each in reading.problems if each.code == "leavers_unsure"] == [
        ("leavers_unsure", {"rows": "1", "missing": "2"})
    ]
    assert (reading.counts()["leavers"], Departure.select().count()) == (0, 0)
    desk.apply_file(school, fregata_of(line(1), line(2)), on=days(2))
    assert [each.pupil_id for each in Departure.select()] == [pupil(3).id]


def test_a_record_that_cannot_be_read_makes_nobody_a_leaver(desk, school):
    desk.apply_file(school, fregata_json(*(fregata_record(number) for number in (1, 2))), stops=[Stop.LAST_YEAR])
    _made, reading = desk.offer(school, fregata_json(fregata_record(1), {}), on=days(1), stops=[Stop.LAST_YEAR])
    assert {"record_form", "leavers_unsure"} <= set(codes(reading))
    assert (figures(reading)["refused"], figures(reading)["pupils"], Departure.select().count()) == (1, 2, 0)
