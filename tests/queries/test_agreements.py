"""Who has not signed and why: one reason each; the same as the rules say; on both engines."""

from datetime import date, timedelta

import pytest

from tests.factories import (
    NOW,
    SCHOOL_YEAR,
    TODAY,
    make_guardian,
    make_invitation,
    make_pupil,
    make_school,
    make_text,
)
from tracker.models.agreements import Agreement, ScannedPage, ScanPile
from tracker.models.mail import OutboxMail
from tracker.models.pupils import Enrolment
from tracker.queries import pages
from tracker.queries.agreement_story import agreement_story, document_of
from tracker.queries.agreements import UnsignedFilter, counts_by_reason, unsigned, unsigned_with_columns
from tracker.queries.families import entitled, families
from tracker.queries.pupils import ORDER, Year
from tracker.rules.access import EVERYWHERE, Scope
from tracker.rules.eligibility import Eligible, Level
from tracker.rules.unsigned import Why

pytestmark = pytest.mark.usefixtures("db")
YEAR = Year(SCHOOL_YEAR, TODAY)
DAY = timedelta(days=1)


def rows(scope=EVERYWHERE, **filters) -> list[dict]:
    return pages.page(unsigned_with_columns(UnsignedFilter(**filters), scope, YEAR), ORDER).rows


def sent(school, name, **changes):
    pupil = make_pupil(school, agreement=None, last_name=name)
    return pupil, make_invitation(pupil, make_guardian(pupil), **changes)


def change(pupil, **values) -> None:
    Agreement.update(**values).where(Agreement.pupil == pupil).execute()


@pytest.fixture
def school():
    """A school with one pupil of each reason, named after it."""
    school = make_school()
    make_guardian(make_pupil(school, agreement=None, last_name="not_sent"))
    make_pupil(school, agreement=None, last_name="unreachable")
    sent(school, "sent")
    sent(school, "seen", seen_at=NOW)
    OutboxMail.update(failed_at=NOW).where(OutboxMail.id == sent(school, "bounced")[1].mail_id).execute()
    printed, _ = sent(school, "printed", seen_at=NOW)
    change(printed, printed_at=NOW)
    waiting, _ = sent(school, "scan_waiting")
    change(waiting, state="signed", signed_by="paper", printed_at=NOW)
    refused, _ = sent(school, "refused")
    change(refused, state="refused", printed_at=NOW, decided_at=NOW + DAY, refusal="not signed")
    make_pupil(school, agreement="withdrawn", last_name="withdrawn")
    make_pupil(school, agreement="validated")
    for changes in ({"deceased": True}, {"left_on": TODAY}, {"eligible": Eligible.NO}, {"class_name": ""}):
        make_pupil(school, agreement=None, **changes)
    return school


def test_each_unsigned_pupil_has_one_reason(school):
    assert {row["last_name"]: row["why"] for row in rows()} == {why.value: why.value for why in Why}
    assert counts_by_reason(UnsignedFilter(), EVERYWHERE, YEAR) == dict.fromkeys(Why, 1)


@pytest.mark.parametrize("why", Why)
def test_the_list_of_one_reason(school, why):
    assert [row["last_name"] for row in rows(why=why.value)] == [why.value]


def test_a_paper_that_was_refused_and_printed_again_is_printed(school):
    Agreement.update(printed_at=NOW + 2 * DAY).where(Agreement.state == "refused").execute()
    assert {row["last_name"] for row in rows(why="printed")} == {"printed", "refused"}


def test_one_of_two_addresses_that_bounced_is_not_bounced(school):
    pupil, first = sent(school, "half")
    make_invitation(pupil, make_guardian(pupil))
    OutboxMail.update(failed_at=NOW).where(OutboxMail.id == first.mail_id).execute()
    assert [row["why"] for row in rows(q="half")] == ["sent"]


def give_back(*invitations) -> None:
    OutboxMail.update(failed_at=NOW).where(OutboxMail.id.in_([each.mail_id for each in invitations])).execute()


def test_a_mail_that_came_back_outweighs_a_link_that_a_scanner_opened(school):
    pupil, first = sent(school, "scanned", seen_at=NOW)
    give_back(first, make_invitation(pupil, make_guardian(pupil), seen_at=NOW))
    assert [row["why"] for row in rows(q="scanned")] == ["bounced"]


def test_an_address_that_gives_a_reminder_back_is_reached_no_more(school):
    pupil, first = sent(school, "moved", seen_at=NOW)
    give_back(make_invitation(pupil, first.guardian, reminder=True, sent_at=NOW + DAY))
    assert [row["why"] for row in rows(q="moved")] == ["bounced"]
    make_invitation(pupil, first.guardian, sent_at=NOW + 2 * DAY)
    assert [row["why"] for row in rows(q="moved")] == ["seen"]


def test_a_request_that_is_over_reaches_nobody_beside_one_that_came_back(school):
    pupil, _ = sent(school, "expired", seen_at=NOW, sent_at=NOW - 60 * DAY)
    assert [row["why"] for row in rows(q="expired")] == ["seen"]
    other = make_invitation(pupil, make_guardian(pupil))
    give_back(other)
    assert [row["why"] for row in rows(q="expired")] == ["bounced"]
    type(other).update(expires_at=NOW - 2 * DAY).where(type(other).id == other.id).execute()
    assert [row["why"] for row in rows(q="expired")] == ["seen"]


def test_the_dates_and_the_reminders_stand_beside_it(school):
    pupil, _ = sent(school, "patient", seen_at=NOW + DAY)
    for parent in (make_guardian(pupil), make_guardian(pupil)):
        make_invitation(pupil, parent, reminder=True, sent_at=NOW + 7 * DAY)
    row = rows(q="patient")[0]
    assert (row["reminders"], row["sent_at"], row["last_sent_at"]) == (1, NOW, NOW + 7 * DAY)
    assert row["seen_at"] == NOW + DAY
    refused = rows(why="refused")[0]
    assert (refused["refusal"], refused["decided_at"]) == ("not signed", NOW + DAY)


def test_why_nobody_can_be_reached_is_what_the_rule_says():
    school = make_school()
    for birth in (None, date(2011, 1, 1), date(2008, 10, 5), date(2008, 10, 6)):
        for own in ("", "lea@example.org"):
            for around in ([], [("", True)], [("x@example.org", False)], [("", True), ("y@example.org", True)]):
                pupil = make_pupil(school, agreement=None, birth_date=birth, email=own)
                for email, legal in around:
                    make_guardian(pupil, email, legal=legal)
    by_rule = {each.pupil_id: each.reach.unreachable for each in families(entitled(EVERYWHERE, YEAR), TODAY)}
    listed = {row["id"]: row["unreachable"] for row in rows()}
    assert listed == by_rule
    assert len(set(listed.values())) == 4


def test_filters_and_scope(school):
    other = make_school()
    mine = make_pupil(other, agreement=None, class_name="2PRO", level=Level.SECONDE_PRO, last_name="Zola")
    only = [row["id"] for row in rows(scope=Scope(frozenset({other.id})))]
    assert only == [mine.id]
    for filters in ({"school": other.id}, {"class_name": "2PRO"}, {"level": "seconde_pro"}, {"q": "zola"}):
        assert [row["id"] for row in rows(**filters)] == [mine.id]
    assert rows(scope=Scope(frozenset())) == []


def test_the_list_is_cut_by_keys_and_costs_one_query_a_page(count_queries):
    school = make_school()
    for number in range(7):
        sent(school, f"Name{number}")
    seen, after = [], None
    query = unsigned_with_columns(UnsignedFilter(), EVERYWHERE, YEAR)
    with count_queries() as counted:
        while True:
            page = pages.page(query, ORDER, after=after, size=3)
            seen += [row["last_name"] for row in page.rows]
            after = page.after
            if not after:
                break
    assert seen == [f"Name{number}" for number in range(7)]
    assert counted.total == 3
    assert pages.count(unsigned(UnsignedFilter(), EVERYWHERE, YEAR)) == 7
    assert len(list(pages.every_row(query, ORDER, size=2))) == 7


def test_the_story_of_an_agreement_tells_everything_newest_first(count_queries):
    school = make_school()
    pupil, _ = sent(school, "Martin", seen_at=NOW + DAY, code_sent_at=NOW + 2 * DAY)
    bounced = make_invitation(pupil, make_guardian(pupil, "father@example.org"), reminder=True, sent_at=NOW + 7 * DAY)
    OutboxMail.update(failed_at=NOW + 8 * DAY, last_error="5.1.1").where(OutboxMail.id == bounced.mail_id).execute()
    change(
        pupil, state="refused", printed_at=NOW + 15 * DAY, signed_at=NOW + 17 * DAY, signed_by="paper",
        decided_at=NOW + 18 * DAY, refusal="no signature", text=make_text(),
    )  # fmt: skip
    pile = ScanPile.create(school=school, file_name="x", digest="0" * 64, uploaded_at=NOW)
    agreement = Agreement.get(Agreement.pupil == pupil)
    ScannedPage.create(pile=pile, number=1, image="k", agreement=agreement, page_number=2, filed_at=NOW + 16 * DAY)
    with count_queries() as counted:
        story = agreement_story(pupil.id, SCHOOL_YEAR, EVERYWHERE)
    assert counted.total == 3
    assert [moment.what for moment in story.moments] == [
        "refused", "signed", "scanned", "printed", "bounced", "reminded", "code_sent", "seen", "sent",
    ]  # fmt: skip
    assert story.moments[4].facts == {"recipient": "father@example.org", "error": "5.1.1"}
    assert story.moments[0].facts["reason"] == "no signature"
    elsewhere = Scope(frozenset({make_school().id}))
    assert agreement_story(pupil.id, SCHOOL_YEAR, elsewhere) is None
    assert document_of(agreement.id, elsewhere, TODAY) is None
    assert document_of(agreement.id, EVERYWHERE, TODAY) == agreement


def test_the_signed_pdf_is_open_to_the_school_of_the_pupil_and_no_longer_to_the_one_that_was_left(db):
    before, now_at = make_school(), make_school()
    pupil = make_pupil(before, left_on=TODAY)
    Enrolment.create(
        pupil=pupil, school=now_at, school_year=SCHOOL_YEAR, level="seconde_gt", class_name="2GT1", eligible="yes",
        eligible_reason="entry_level",
    )  # fmt: skip
    agreement = Agreement.get()
    assert document_of(agreement.id, Scope(frozenset({now_at.id})), TODAY) == agreement
    assert document_of(agreement.id, Scope(frozenset({before.id})), TODAY) is None
    assert document_of(agreement.id, Scope(frozenset({before.id})), TODAY - DAY) == agreement
