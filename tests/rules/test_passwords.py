"""What a password must be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.rules.passwords import LEAST_LENGTH, MOST_LENGTH, password_problem

WHO = {"email": "lea.martin@lycee-malherbe.fr", "name": "Léa Martin"}


@given(st.text(max_size=LEAST_LENGTH - 1))
def test_fewer_than_twelve_characters_are_never_enough(password):
    assert password_problem(password) == "password_too_short"


@given(st.text(min_size=MOST_LENGTH + 1, max_size=MOST_LENGTH + 50))
def test_a_text_that_only_costs_time_is_refused(password):
    assert password_problem(password) == "password_too_long"


@pytest.mark.parametrize(
    "password",
    ["lea.martin@lycee-malherbe.fr", "Lea.Martin.1!", "LéaMartin2026", "MartinLéa2026", "lycee-malherbe",
     "Léa Martin Léa Martin"],
)  # fmt: skip
def test_a_password_made_of_ones_own_name_or_address_is_refused(password):
    assert password_problem(password, **WHO) == "password_personal"


@pytest.mark.parametrize(
    "password",
    ["password1234", "Motdepasse2026!", "M0tdep@sse2026", "azertyuiop123", "123456789012", "aaaaaaaaaaaa",
     "abababababab", "qwertyuiopas", "RegionNormandie14", "abcdefghijkl", "bonjourbonjour"],
)  # fmt: skip
def test_the_commonest_passwords_are_refused_with_their_usual_decorations(password):
    assert password_problem(password) == "password_common"


@pytest.mark.parametrize(
    "password", ["correct cheval pile agrafe", "un bon mot de passe 7", "v9$Kt2!pQx7w", "Léa aime les crêpes au sel"]
)
def test_a_long_password_of_ones_own_is_taken(password):
    assert password_problem(password, **WHO) is None
