"""What a reading rests on beside the file: the school, the day, the settings, the answers of administrators."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from tracker.models.schools import Campaign, School
from tracker.queries import rosters as known
from tracker.queries.campaigns import settings_of
from tracker.rosters.rows import Roster
from tracker.rules.campaign import CampaignSettings
from tracker.rules.departures import Destination, destination_of
from tracker.rules.eligibility import Level, ThreeYearCap, is_member
from tracker.rules.rosters import CodeKind, Stop, Whole, stops


@dataclass(frozen=True)
class Ground:
    """`school` None: not known yet, a preview only; its pupils are looked at as those of a member school."""

    school: School | None
    uai: str
    school_year: int
    today: date
    settings: CampaignSettings
    is_member: bool = True
    settled_levels: Mapping[str, Level] = field(default_factory=dict)
    exit_answers: dict[str, str] = field(default_factory=dict)

    @property
    def school_id(self) -> int | None:
        """The id of the school, where it is known."""
        return self.school.id if self.school else None

    @property
    def three_year_cap(self) -> ThreeYearCap:
        """The administrator's answer on three-year CAP (E1)."""
        return ThreeYearCap(self.settings["three_year_cap"])

    def exit_destination(self, exit_reason: str) -> Destination:
        """Where a pupil with this exit reason went, as far as it is sure (L5)."""
        return destination_of(exit_reason, self.exit_answers)


def ground_of(school: School | None, uai: str, school_year: int, today: date) -> Ground:
    """Everything beside the file, read once."""
    campaign = Campaign.get_or_none(Campaign.school_year == school_year)
    return Ground(
        school=school,
        uai=uai,
        school_year=school_year,
        today=today,
        settings=settings_of(campaign, today),
        is_member=school is None or is_member(school.member_from, school.member_until, today),
        settled_levels={code: Level(meaning) for code, meaning in known.answers(CodeKind.MEF).items()},
        exit_answers=known.answers(CodeKind.EXIT_REASON),
    )


def held_up_by(
    roster: Roster,
    ground: Ground,
    *,
    schooled: int = 0,
    known_schooled: int = 0,
    families: int = 0,
    known_families: int = 0,
    open_identities: int = 0,
    names_nobody: bool = False,
) -> list[Stop]:
    """What needs a yes before this file may be applied.

    `schooled`: pupils of the file, `known_schooled` before it; `families`: pupils with a guardian after the file, of
    the `known_families` who have one before it.
    """
    newest = known.last_read(ground.school.id, roster.kind or "") if ground.school else known.LastRead(None, None)
    whole = Whole(
        file_uai=roster.uai,
        school_uai=ground.uai,
        school_year=roster.school_year,
        exported_at=roster.exported_at,
        schooled=schooled,
        known_year=newest.school_year,
        known_exported_at=newest.exported_at,
        known_schooled=known_schooled,
        families=families,
        known_families=known_families,
        open_identities=open_identities,
        names_nobody=names_nobody,
    )
    return stops(whole, ground.today, collapse_percent=int(ground.settings["roll_collapse_percent"]))
