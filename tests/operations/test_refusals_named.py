"""Every refusal that an operation's docstring names is one that the program has a sentence for."""

import ast
import re
from pathlib import Path

import pytest

from tracker.web import sentences

FOLDER = Path(__file__).parents[2] / "tracker/operations"
MODULES = sorted(FOLDER.glob("**/*.py"))


def docstrings(source: str) -> list[str]:
    functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
    return [ast.get_docstring(function) or "" for function in functions]


def named_in(docstring: str) -> set[str]:
    """The codes after "Raises Refused", up to the full stop; what stands in backticks is another function."""
    listed = re.search(r"Raises\s+Refused:?\s+([^.;]+)", re.sub(r"`[^`]*`", "", docstring))
    return set(re.findall(r"\b[a-z]+(?:_[a-z]+)+\b", listed[1])) if listed else set()


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_no_docstring_names_a_refusal_that_does_not_exist(module):
    named = {code for docstring in docstrings(module.read_text()) for code in named_in(docstring)}
    assert named - set(sentences._REFUSALS) == set()


def test_the_codes_are_found_where_they_stand():
    assert named_in("Do it. Raises Refused: not_found,\n    case_open (of `this_one`). More.") == {
        "not_found",
        "case_open",
    }
