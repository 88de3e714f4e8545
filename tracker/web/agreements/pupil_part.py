"""What a pupil's page shows of the agreement: its whole story, its document, whether its form may be printed."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_login import current_user

from tracker.models.schools import Campaign
from tracker.operations import paper
from tracker.operations.paper import Selection
from tracker.queries.agreement_story import AgreementStory, agreement_story
from tracker.rules.access import Permission, Scope
from tracker.rules.agreements import TO_BE_SIGNED
from tracker.rules.refusals import Refused
from tracker.web.access import current_actor
from tracker.web.clock import now


@dataclass(frozen=True)
class AgreementPart:
    """`printable`: the form may be printed today; `first_day`: from which day on it may."""

    story: AgreementStory | None
    printable: bool = False
    first_day: date | None = None

    @property
    def document_of(self) -> int | None:
        """The agreement whose signed PDF can be opened."""
        return self.story.agreement.id if self.story and self.story.agreement.document else None

    @property
    def refusal(self) -> str:
        """Why the signed paper was refused, while nothing followed."""
        return (self.story.agreement.refusal or "") if self.story and self.story.agreement.state == "refused" else ""


def agreement_part(
    pupil: dict[str, Any], campaign: Campaign | None, scope: Scope, *, expected: bool
) -> AgreementPart:  # fmt: skip
    """The part of one pupil; `expected`: eligible and present, so that an agreement is asked for."""
    if campaign is None:
        return AgreementPart(None)
    story = agreement_story(pupil["id"], campaign.school_year, scope)
    is_open = pupil["agreement"] is None or pupil["agreement"] in TO_BE_SIGNED
    if not expected or not is_open or not current_user.may(Permission.PRINT_AGREEMENTS):
        return AgreementPart(story)
    try:
        found = paper.printable(Selection(pupil_id=pupil["id"]), campaign=campaign, actor=current_actor(), now=now())
    except Refused:
        return AgreementPart(story)
    return AgreementPart(story, bool(found.pupils), next(iter(found.later), None))
