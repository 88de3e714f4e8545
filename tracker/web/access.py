"""Who asks: each view says what it requires, and a view that says nothing is refused."""

from collections.abc import Callable
from typing import TypeVar

from flask import Flask, abort, current_app, request
from flask_login import LoginManager, UserMixin, current_user

from tracker.queries import accounts
from tracker.rules.access import Actor, Permission, Scope, allowed

View = TypeVar("View", bound=Callable)
login_manager = LoginManager()
PUBLIC = "public"


class SessionUser(UserMixin):
    """The signed-in person as the screens need them; `actor` is what operations get."""

    def __init__(self, account: accounts.Account) -> None:
        self.account = account
        self.id = account.id
        self.name = account.name
        self.email = account.email
        self.role = account.role
        self.locale = account.locale
        self.actor = Actor(account.id, account.role, account.scope)

    def get_id(self) -> str:
        """What the session keeps: a changed password changes the key and ends every session."""
        return f"{self.account.id}.{self.account.session_key}"

    def may(self, permission: Permission | str) -> bool:
        """Whether this person holds the permission; for templates too."""
        return allowed(self.role, Permission(permission))


def public(view: View) -> View:
    """Mark a view that anybody may open."""
    view.requires = PUBLIC  # type: ignore[attr-defined]
    return view


def requires(permission: Permission) -> Callable[[View], View]:
    """Mark a view with the permission that it requires."""

    def mark(view: View) -> View:
        view.requires = permission  # type: ignore[attr-defined]
        return view

    return mark


def requirement(endpoint: str) -> str | None:
    """What the endpoint requires: PUBLIC, a permission, or None when it was never marked."""
    return getattr(current_app.view_functions[endpoint], "requires", None)


def current_actor() -> Actor:
    """The signed-in person as operations and the ledger know them."""
    return current_user.actor


def current_scope() -> Scope:
    """The schools that the signed-in person may see."""
    return current_user.actor.scope


def init_app(app: Flask) -> None:
    """Sign-in by session and the guard in front of every view."""
    login_manager.init_app(app)
    login_manager.session_protection = "basic"
    app.before_request(_guard)


@login_manager.user_loader
def _load(identity: str) -> SessionUser | None:
    user_id, _, session_key = identity.partition(".")
    account = accounts.session_account(int(user_id), session_key)
    return SessionUser(account) if account else None


def _guard() -> None:
    if request.endpoint is None or request.endpoint == "static":
        return
    needed = requirement(request.endpoint)
    if needed == PUBLIC:
        return
    if not current_user.is_authenticated:
        abort(401)
    if needed is None or not current_user.may(needed):
        abort(403)
