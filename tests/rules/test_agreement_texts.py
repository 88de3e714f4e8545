"""What a text of the agreement may hold."""

from hypothesis import given
from hypothesis import strategies as st

from tracker.documents import Contacts
from tracker.rules.agreement_texts import PLACEHOLDERS, unknown_placeholders

PLAIN = st.text().filter(lambda text: "{" not in text)


def test_the_placeholders_are_those_that_are_filled_in():
    assert set(PLACEHOLDERS) == set(Contacts("", "", "", "").fillings(""))


@given(PLAIN, st.sampled_from(PLACEHOLDERS), PLAIN)
def test_a_known_name_is_no_fault_wherever_it_stands(before, name, after):
    assert unknown_placeholders(f"{before}{{{name}}}{after}") == ()


@given(st.lists(st.text("abc", min_size=1, max_size=3), max_size=5))
def test_each_unknown_name_is_named_once_in_its_order(names):
    text = " ".join(f"{{{name}}}" for name in [*names, *names])
    assert unknown_placeholders(text) == tuple(dict.fromkeys(names))


def test_braces_around_anything_else_are_plain_text():
    assert unknown_placeholders("{ family } {} {a b} {é-è}") == ()
