"""What happened to a pupil's agreement, as entries of the pupil's timeline, and the one thing to do next."""

from collections.abc import Iterator
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tracker.queries.agreement_story import AgreementStory, Moment
from tracker.rules.access import Scope
from tracker.rules.agreements import SignedBy
from tracker.rules.mail import masked
from tracker.web.language import moment
from tracker.web.stories import Entry, at_moment

_TITLES = {
    "sent": (_l("Agreement sent"), "send", "neutral"),
    "reminded": (_l("Reminder sent"), "bell", "neutral"),
    "bounced": (_l("The mail came back"), "mail", "bad"),
    "seen": (_l("Agreement opened"), "eye", "neutral"),
    "code_sent": (_l("Code to sign sent"), "key", "neutral"),
    "signed": (_l("Agreement signed"), "signature", "ok"),
    "printed": (_l("Paper form printed"), "printer", "neutral"),
    "scanned": (_l("Page scanned"), "photo-scan", "neutral"),
    "accepted": (_l("Signed paper accepted"), "clipboard-check", "ok"),
    "refused": (_l("Signed paper refused"), "circle-x", "bad"),
}


def agreement_entries(
    story: AgreementStory | None, pupil: dict[str, Any], *, sees_addresses: bool, scope: Scope
) -> list[Entry]:  # fmt: skip
    """Each mail, look, page and decision; addresses half hidden for who may not see the guardians."""
    moments = story.moments if story else ()
    links = scope.covers(pupil["school"])
    return [*(_entry(each, sees_addresses, links) for each in moments), *_dates(pupil, {each.what for each in moments})]


def _dates(pupil: dict[str, Any], told: set[str]) -> list[Entry]:
    """When the agreement was sent, signed and validated, as far as nothing tells more of it."""
    steps = (
        ("sent_at", {"sent"}, _("Agreement sent"), "send", "neutral"),
        ("signed_at", {"signed"}, _("Agreement signed"), "signature", "neutral"),
        ("validated_at", {"accepted"}, _("Agreement validated"), "clipboard-check", "ok"),
    )
    return [
        at_moment(pupil[name], title, sign, tone)
        for name, same, title, sign, tone in steps
        if pupil[name] and not same & told
    ]


def _entry(each: Moment, sees_addresses: bool, links: bool) -> Entry:
    title, sign, tone = _TITLES[each.what]
    facts = each.facts
    url = url_for("pages.show", page_id=facts["page_id"]) if links and each.what == "scanned" else None
    return Entry(
        str(title), moment(each.at), each.at.isoformat(), who=facts.get("person") or "",
        why=" · ".join(_why(each, facts, sees_addresses)), tone=tone, sign=sign, url=url,
    )  # fmt: skip


def _why(each: Moment, facts: dict[str, Any], sees_addresses: bool) -> Iterator[str]:
    """The address, the page, the way of signing, the reason."""
    if address := facts.get("recipient"):
        yield address if sees_addresses else masked(address)
    if facts.get("error"):
        yield facts["error"]
    if facts.get("page"):
        yield _("page %(number)s", number=facts["page"])
    if each.what == "signed":
        yield _("on paper") if facts.get("by") == SignedBy.PAPER else _("by the personal link")
        if sees_addresses and facts.get("signer"):
            yield facts["signer"]
    if facts.get("reason"):
        yield facts["reason"]
