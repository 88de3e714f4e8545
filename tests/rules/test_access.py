"""Who may do what: denied unless granted, and within whose schools."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.rules.access import EVERYWHERE, GRANTS, SYSTEM, Actor, Permission, Role, Scope, allowed


@pytest.mark.parametrize(("role", "permission"), itertools.product(Role, Permission))
def test_only_what_is_granted_is_allowed(role, permission):
    assert allowed(role, permission) is (permission in GRANTS[role])
    assert Actor(1, role).may(permission) is allowed(role, permission)


def test_an_administrator_holds_every_permission_and_nobody_else_does():
    assert GRANTS[Role.ADMIN] == set(Permission)
    assert all(GRANTS[role] < set(Permission) for role in Role if role is not Role.ADMIN)


def test_a_role_that_nobody_foresaw_is_allowed_nothing():
    assert not any(allowed("visitor", permission) for permission in Permission)


ADMIN_ONLY = {Permission.OVERRIDE, Permission.MANAGE_CAMPAIGN, Permission.MANAGE_USERS}


@pytest.mark.parametrize("permission", ADMIN_ONLY)
def test_overrides_settings_and_accounts_are_the_administrators_alone(permission):
    assert [role for role in Role if allowed(role, permission)] == [Role.ADMIN]


def test_helpers_of_a_distribution_day_see_no_pupil_pages_and_schools_no_ledger():
    assert not allowed(Role.STAFF, Permission.SEE_PUPILS)
    assert not allowed(Role.SCHOOL, Permission.SEE_LEDGER)
    assert all(allowed(role, Permission.HAND_OVER) for role in Role)


ids = st.integers(1, 9)


@given(st.frozensets(ids), ids | st.none())
def test_a_scope_covers_its_schools_and_nothing_else(schools, asked):
    assert Scope(schools).covers(asked) is (asked in schools)
    assert EVERYWHERE.covers(asked)


def test_the_program_itself_acts_everywhere_and_is_nobody():
    assert (SYSTEM.user_id, SYSTEM.scope) == (None, EVERYWHERE)
