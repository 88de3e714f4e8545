"""The forms of signing in and of passwords."""

from flask_babel import lazy_gettext as _l
from wtforms import EmailField, PasswordField, ValidationError
from wtforms.validators import InputRequired, Length

from tracker.rules.passwords import LEAST_LENGTH, MOST_LENGTH
from tracker.web.forms import SentForm

_PASSWORD_HELP = _l("12 characters or more; several words that you can remember are best.")
_REQUIRED = _l("Fill in this field.")


class SignInForm(SentForm):
    """Address and password; `refusal` says why they were not taken."""

    email = EmailField(
        _l("E-mail address"),
        [InputRequired(_REQUIRED), Length(max=254)],
        render_kw={"autocomplete": "username", "autocapitalize": "off", "spellcheck": "false"},
    )
    password = PasswordField(
        _l("Password"),
        [InputRequired(_REQUIRED), Length(max=MOST_LENGTH)],
        render_kw={"autocomplete": "current-password"},
    )
    refusal: str | None = None


class ForgottenForm(SentForm):
    """The address to which a link is sent."""

    email = EmailField(
        _l("E-mail address"), [InputRequired(_REQUIRED), Length(max=254)], render_kw={"autocomplete": "username"}
    )


class NewPasswordForm(SentForm):
    """A new password, typed twice."""

    password = PasswordField(
        _l("New password"),
        [InputRequired(_REQUIRED)],
        description=_PASSWORD_HELP,
        render_kw={"autocomplete": "new-password", "minlength": LEAST_LENGTH, "maxlength": MOST_LENGTH},
    )
    again = PasswordField(
        _l("The same password again"), [InputRequired(_REQUIRED)], render_kw={"autocomplete": "new-password"}
    )

    def validate_again(self, field: PasswordField) -> None:
        """Both must be the same: nobody sees what they type."""
        if field.data != self.password.data:
            raise ValidationError(str(_l("The two passwords differ.")))


class ProfileForm(NewPasswordForm):
    """A new password for oneself, with the present one."""

    present = PasswordField(
        _l("Present password"), [InputRequired(_REQUIRED)], render_kw={"autocomplete": "current-password"}
    )
