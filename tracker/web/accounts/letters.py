"""The mail that the screens send: subject and text, in the language of who receives it."""

from flask import current_app, url_for
from flask_babel import force_locale
from flask_babel import gettext as _

from tracker.models.users import User


def reset_letter(user: User, token: str) -> tuple[str, str]:
    """The mail for somebody who forgot their password."""
    with force_locale(user.locale):
        body = _(
            "Hello %(name)s,\n\n"
            "somebody asked for a new password for your account of the Pack Numérique Lycéen. "
            "If it was you, open this address within one hour:\n\n%(address)s\n\n"
            "If it was not you, do nothing: your password stays as it is.\n",
            name=user.name,
            address=_address(token),
        )
        return _("Choose a new password"), body


def invitation_letter(user: User, token: str) -> tuple[str, str]:
    """The mail for somebody who gets an account."""
    with force_locale(user.locale):
        body = _(
            "Hello %(name)s,\n\n"
            "an account was opened for you to follow the laptops of the Pack Numérique Lycéen. "
            "Choose your password within seven days at this address:\n\n%(address)s\n\n"
            "You will then sign in with your e-mail address: %(email)s\n",
            name=user.name,
            email=user.email,
            address=_address(token),
        )
        return _("Your account of the Pack Numérique Lycéen"), body


def _address(token: str) -> str:
    # Of the settings, never of the request: a forged Host header must not lead the person elsewhere.
    return current_app.extensions["settings"].public_url + url_for("accounts.reset", token=token)
