"""Named forms on paper: from which day, whose, the same code at each printing; on both engines."""

from collections import Counter
from datetime import timedelta

import pytest

from tests.factories import (
    NOW,
    actor,
    make_campaign,
    make_guardian,
    make_invitation,
    make_pupil,
    make_school,
    make_text,
)
from tests.operations.papers import code_pages, printed
from tests.paper import opened, words
from tracker.models.agreements import Agreement, AgreementPage
from tracker.models.mail import OutboxMail
from tracker.operations import paper
from tracker.operations.paper import Selection, print_forms
from tracker.rules.agreements import AgreementState
from tracker.rules.codes import OwnKind, own_code, parse_own_code
from tracker.rules.refusals import Refused

DAY = timedelta(days=1)
LATE = NOW + 15 * DAY


@pytest.fixture
def campaign(db):
    make_text(french="\n\n".join(["Un engagement de l’élève. " * 12] * 16))
    return make_campaign()


def asked(school, **changes):
    pupil = make_pupil(school, agreement=None, **changes)
    make_invitation(pupil, make_guardian(pupil))
    return pupil


def refusal(campaign, selection, *, now=LATE, who=None) -> Refused:
    with pytest.raises(Refused) as refused:
        print_forms(selection, campaign=campaign, actor=who or actor(), now=now)
    return refused.value


def test_from_the_fifteenth_day_on(campaign):
    pupil = asked(make_school())
    early = refusal(campaign, Selection(pupil_id=pupil.id), now=LATE - DAY)
    assert (early.code, early.rule, early.facts["first_day"]) == ("paper_too_early", "A3", LATE.date())
    done = print_forms(Selection(pupil_id=pupil.id), campaign=campaign, actor=actor(), now=LATE)
    assert done.pupils == 1
    assert Agreement.get().printed_at == LATE
    assert Agreement.get().state == AgreementState.SENT


def test_each_page_bears_a_code_of_its_own_and_keeps_it(campaign):
    pupil = asked(make_school())
    printed(campaign, pupil, now=LATE)
    first = code_pages(pupil)
    assert list(first) == [1, 2]
    assert all(parse_own_code(code).kind is OwnKind.AGREEMENT_PAGE for code in first.values())
    printed(campaign, pupil, now=LATE + DAY)
    assert code_pages(pupil) == first


def test_a_whole_class_in_one_file_by_name_without_who_has_signed_or_must_wait(campaign):
    school = make_school()
    names = ("Martin", "Abel", "Zola")
    for name in names:
        asked(school, last_name=name)
    late = asked(school, last_name="Late")
    Agreement.update(sent_at=LATE - DAY).where(Agreement.pupil == late).execute()
    for state in ("validated", "signed"):
        make_pupil(school, agreement=state)
    make_guardian(make_pupil(school, agreement=None))
    asked(school, class_name="2GT2")
    asked(make_school())
    found = print_forms(Selection(school_id=school.id, class_name="2GT1"), campaign=campaign, actor=actor(), now=LATE)
    assert found.pupils == 3
    assert found.skipped == Counter(
        {"paper_too_early": 1, "agreement_signed": 1, "paper_waiting": 1, "agreement_not_sent": 1}
    )
    pages = opened(found.pdf)
    assert len(pages) == 6
    shown = [next(name for name in names if name in str(words(pages[number]))) for number in (0, 2, 4)]
    assert shown == ["Abel", "Martin", "Zola"]


def test_at_once_where_no_mail_reaches_anybody(campaign):
    school = make_school()
    nobody = make_pupil(school, agreement=None)
    bounced = asked(school)
    OutboxMail.update(failed_at=NOW, last_error="5.1.1").execute()
    for pupil in (nobody, bounced):
        print_forms(Selection(pupil_id=pupil.id), campaign=campaign, actor=actor(), now=NOW)
    assert Agreement.get(Agreement.pupil == nobody).state == AgreementState.PREPARED


def test_at_once_after_a_paper_was_refused(campaign):
    pupil = asked(make_school())
    Agreement.update(state="refused").execute()
    assert print_forms(Selection(pupil_id=pupil.id), campaign=campaign, actor=actor(), now=NOW).pupils == 1


def test_nobody_prints_for_another_school_or_for_a_pupil_who_died(campaign):
    here, there = make_school(), make_school()
    pupil, dead = asked(there), asked(here, deceased=True)
    own = actor("school", [here])
    assert refusal(campaign, Selection(pupil_id=pupil.id), who=own).code == "nothing_to_print"
    assert refusal(campaign, Selection(school_id=there.id), who=own).code == "nothing_to_print"
    assert refusal(campaign, Selection(pupil_id=dead.id)).code == "nothing_to_print"
    assert refusal(campaign, Selection()).code == "nothing_to_print"
    assert refusal(campaign, Selection(school_id=there.id), who=actor("staff")).code == "not_allowed"
    assert AgreementPage.select().count() == 0


def test_a_code_that_is_taken_is_drawn_again(campaign, monkeypatch):
    taken = [own_code(OwnKind.AGREEMENT_PAGE, number) for number in (7, 7, 8, 8, 9, 10)]
    monkeypatch.setattr(paper, "_new_code", lambda: taken.pop(0))
    school = make_school()
    pupils = [asked(school), asked(school)]
    print_forms(Selection(school_id=school.id), campaign=campaign, actor=actor(), now=LATE)
    assert len({code for pupil in pupils for code in code_pages(pupil).values()}) == 4


def test_a_new_text_has_codes_of_its_own(campaign):
    pupil = asked(make_school())
    printed(campaign, pupil, now=LATE)
    make_text()
    printed(campaign, pupil, now=LATE)
    assert sorted(AgreementPage.select(AgreementPage.text, AgreementPage.number).tuples()) == [(1, 1), (1, 2), (2, 1)]


def test_too_many_at_once_are_refused(campaign, monkeypatch):
    monkeypatch.setattr(paper, "MOST_FORMS", 1)
    school = make_school()
    for _ in range(2):
        asked(school)
    assert refusal(campaign, Selection(school_id=school.id)).code == "too_many_forms"


def test_queries_do_not_grow_with_the_forms(campaign, count_queries):
    school = make_school()

    def cost(pupils: int) -> int:
        for _ in range(pupils):
            asked(school)
        with count_queries() as counted:
            print_forms(Selection(school_id=school.id), campaign=campaign, actor=actor(), now=LATE)
        return counted.total

    assert cost(2) == cost(5)
