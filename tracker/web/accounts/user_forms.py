"""The forms of accounts: who, which role, which schools."""

from flask import request
from flask_babel import lazy_gettext as _l
from wtforms import EmailField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from tracker.models.schools import School
from tracker.queries.users import schools_like, schools_named
from tracker.rules.access import Role
from tracker.web.forms import SentForm
from tracker.web.intake import row_id
from tracker.web.sentences import role_name

_REQUIRED = _l("Fill in this field.")


class UserForm(SentForm):
    """What an administrator decides about an account. The schools are chosen beside it: see `SchoolChoice`."""

    name = StringField(_l("Name"), [InputRequired(_REQUIRED), Length(max=100)], render_kw={"autocomplete": "off"})
    role = RadioField(_l("Role"), [InputRequired(_l("Choose a role."))])

    def __init__(self, **values: object) -> None:
        super().__init__(**values)
        self.role.choices = [(role.value, role_name(role)) for role in Role]


class NewUserForm(UserForm):
    """A new account: also its address, and the language of the first mail."""

    email = EmailField(
        _l("E-mail address"),
        [InputRequired(_REQUIRED), Length(max=254)],
        description=_l("A link to choose a password is sent to it."),
        render_kw={"autocomplete": "off"},
    )
    locale = SelectField(_l("Language of the first mail"), choices=[("fr", "Français"), ("en", "English")])


class SchoolChoice:
    """The schools that are ticked, and those that what was typed may mean."""

    def __init__(self, chosen_ids: list[int], text: str = "") -> None:
        self.text = text
        self.chosen: list[School] = schools_named(chosen_ids)
        self.found = [school for school in schools_like(text) if school not in self.chosen]
        self.error = ""

    @classmethod
    def of_request(cls) -> "SchoolChoice":
        """What this request has ticked and typed."""
        return cls(request.values.getlist("school", type=row_id), request.values.get("school_text", ""))

    @property
    def ids(self) -> frozenset[int]:
        """The schools that are ticked."""
        return frozenset(school.id for school in self.chosen)
