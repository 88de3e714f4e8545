"""A step is done once, and again when something that it is made from has changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from setup import stamps, steps
from setup.steps import Step


@pytest.fixture
def done(tmp_path, monkeypatch) -> list[str]:
    """The names of the steps that really worked, in order."""
    monkeypatch.setattr(steps, "STAMPS", tmp_path / "stamps")
    return []


def a_step(source: Path, left: Path, done: list[str]) -> Step:
    """A step that copies a file."""

    def work() -> None:
        left.write_text(source.read_text())
        done.append(source.read_text())

    return Step("copy", "Copie", "copy", work, lambda: [source], (left,))


def bring_up_to_date(step: Step) -> None:
    if not step.is_done():
        step.do()


def test_a_step_is_skipped_while_its_inputs_are_the_same(tmp_path, done):
    (tmp_path / "in").write_text("one")
    step = a_step(tmp_path / "in", tmp_path / "out", done)
    bring_up_to_date(step)
    bring_up_to_date(step)
    assert done == ["one"]


def test_a_step_is_done_again_when_an_input_changes(tmp_path, done):
    source = tmp_path / "in"
    source.write_text("one")
    step = a_step(source, tmp_path / "out", done)
    bring_up_to_date(step)
    source.write_text("two")
    bring_up_to_date(step)
    assert done == ["one", "two"]


def test_a_step_is_done_again_when_what_it_left_is_gone(tmp_path, done):
    (tmp_path / "in").write_text("one")
    step = a_step(tmp_path / "in", tmp_path / "out", done)
    bring_up_to_date(step)
    (tmp_path / "out").unlink()
    bring_up_to_date(step)
    assert done == ["one", "one"]


def test_a_step_that_failed_is_tried_again(tmp_path, done):
    step = a_step(tmp_path / "in", tmp_path / "out", done)
    (tmp_path / "in").write_text("one")
    broken = Step("copy", "Copie", "copy", lambda: 1 / 0, step.inputs)
    with pytest.raises(ZeroDivisionError):
        broken.do()
    assert not broken.is_done()


def test_moving_a_byte_from_one_input_to_the_next_changes_the_fingerprint():
    assert stamps.fingerprint(["ab", "c"]) != stamps.fingerprint(["a", "bc"])
