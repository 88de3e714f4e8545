"""Who may do what, and in which schools: deny by default."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person is in the programme (programme.md, Words)."""

    ADMIN = "admin"
    LOGISTICS = "logistics"
    STAFF = "staff"
    SCHOOL = "school"


class Permission(StrEnum):
    """One thing that a screen or an operation may require."""

    SIGNED_IN = "signed_in"
    HAND_OVER = "hand_over"
    OVERRIDE = "override"
    UNDO_ANY = "undo_any"
    SEE_DEVICES = "see_devices"
    SEE_PUPILS = "see_pupils"
    PRINT_LABELS = "print_labels"
    PRINT_SLIPS = "print_slips"
    MANAGE_CODE_RULES = "manage_code_rules"
    MANAGE_CAMPAIGN = "manage_campaign"
    MANAGE_USERS = "manage_users"
    SEE_LEDGER = "see_ledger"
    IMPORT_ROSTERS = "import_rosters"
    SEND_AGREEMENTS = "send_agreements"
    PRINT_AGREEMENTS = "print_agreements"
    VALIDATE_AGREEMENTS = "validate_agreements"
    QUALIFY_DEPARTURES = "qualify_departures"
    TAKE_BACK = "take_back"
    TRIAGE = "triage"
    SEND_RETURNS = "send_returns"
    RECEIVE_PARCELS = "receive_parcels"
    MANAGE_PARCELS = "manage_parcels"
    OPEN_CASES = "open_cases"
    DECIDE_CASES = "decide_cases"
    TAKE_STOCK = "take_stock"
    MANAGE_REUSE = "manage_reuse"


_EVERYONE = {Permission.SIGNED_IN, Permission.HAND_OVER, Permission.TAKE_BACK, Permission.SEE_DEVICES}
_BACK_AGAIN = {
    Permission.QUALIFY_DEPARTURES,
    Permission.SEND_RETURNS,
    Permission.RECEIVE_PARCELS,
    Permission.OPEN_CASES,
    Permission.TAKE_STOCK,
}
"""What a school does itself so that devices come back and are owed to nobody (L6, D8, R1, R2)."""

_LOGISTICS = (
    _EVERYONE
    | _BACK_AGAIN
    | {
        Permission.SEE_PUPILS,
        Permission.TRIAGE,
        Permission.MANAGE_PARCELS,
        Permission.DECIDE_CASES,
        Permission.MANAGE_REUSE,
        Permission.PRINT_LABELS,
        Permission.PRINT_SLIPS,
        Permission.UNDO_ANY,
        Permission.MANAGE_CODE_RULES,
        Permission.SEE_LEDGER,
        Permission.PRINT_AGREEMENTS,
        Permission.VALIDATE_AGREEMENTS,
    }
)
_SCHOOL = (
    _EVERYONE
    | _BACK_AGAIN
    | {
        Permission.SEE_PUPILS,
        Permission.PRINT_SLIPS,
        Permission.IMPORT_ROSTERS,
        Permission.SEND_AGREEMENTS,
        Permission.PRINT_AGREEMENTS,
    }
)

GRANTS: dict[Role, frozenset[Permission]] = {
    Role.ADMIN: frozenset(Permission),
    Role.LOGISTICS: frozenset(_LOGISTICS),
    # Helpers of a distribution day see the minimum: no pupil's page, no list of pupils.
    Role.STAFF: frozenset(_EVERYONE),
    Role.SCHOOL: frozenset(_SCHOOL),
}


def allowed(role: Role, permission: Permission) -> bool:
    """Whether the role holds the permission; what is not granted is refused."""
    return permission in GRANTS.get(role, frozenset())


@dataclass(frozen=True)
class Scope:
    """The schools that a person may see and act on; None = every school of the programme."""

    school_ids: frozenset[int] | None = None

    def covers(self, school_id: int | None) -> bool:
        """Whether the school is within the scope; a thing without a school is covered by the whole only."""
        return self.school_ids is None or school_id in self.school_ids


EVERYWHERE = Scope()


@dataclass(frozen=True)
class Actor:
    """Who acts: given to each operation, recorded in the ledger. `user_id` None is the program itself."""

    user_id: int | None
    role: Role
    scope: Scope = EVERYWHERE

    def may(self, permission: Permission) -> bool:
        """Whether this person holds the permission."""
        return allowed(self.role, permission)


SYSTEM = Actor(None, Role.ADMIN)
