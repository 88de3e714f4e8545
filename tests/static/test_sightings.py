"""What the camera holds in view counts once: two frames agree, a held label does not loop."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

HAND_ON = """async (frames) => {
  const { Sightings } = await import('/static/js/sightings.js');
  const seen = new Sightings();
  return frames.map(([at, ...codes]) => seen.frame(
    codes.map((text) => ({ text, symbology: 'code_128', source: text.startsWith('S') ? 'server' : 'camera' })), at));
}"""
Frames = list[list[Any]]


@pytest.fixture
def handed_on(modules: Page) -> Callable[[Frames], list[Any]]:
    """The texts handed on, for frames given as [ms, code, …]; fresh ones only are without brackets."""

    def run(frames: Frames) -> list[Any]:
        answers = [answer for answer in modules.evaluate(HAND_ON, frames) if answer]
        return [[one["text"] if one["fresh"] else f"({one['text']})" for one in answer] for answer in answers]

    return run


def held(start: int, until: int, *codes: str, step: int = 100) -> Frames:
    """The same codes in every frame from start to until."""
    return [[at, *codes] for at in range(start, until, step)]


def test_one_frame_alone_hands_nothing_on(handed_on: Callable) -> None:
    assert handed_on([[0, "A1"], *held(100, 3000)]) == []


def test_two_frames_that_differ_hand_nothing_on(handed_on: Callable) -> None:
    assert handed_on([[0, "A1"], [100, "A7"], *held(200, 3000)]) == []


def test_two_frames_that_agree_hand_the_code_on_once_however_long_it_is_held(handed_on: Callable) -> None:
    assert handed_on(held(0, 60_000, "A1")) == [["A1"]]


def test_a_held_code_that_is_missed_for_a_second_does_not_count_again(handed_on: Callable) -> None:
    assert handed_on([*held(0, 1000, "A1"), *held(1000, 2500), *held(2500, 4000, "A1")]) == [["A1"]]


def test_out_of_view_for_two_seconds_it_counts_again(handed_on: Callable) -> None:
    assert handed_on([*held(0, 1000, "A1"), *held(1000, 3500), *held(3500, 5000, "A1")]) == [["A1"], ["A1"]]


def test_all_codes_of_one_label_go_together(handed_on: Callable) -> None:
    frames = [[0, "A1"], [100, "A1", "B2"], [200, "B2"], *held(300, 2000, "A1", "B2")]
    assert handed_on(frames) == [["A1", "B2"]]


def test_a_second_label_beside_the_first_goes_with_it_and_says_which_is_new(handed_on: Callable) -> None:
    assert handed_on([*held(0, 1000, "A1"), *held(1000, 9000, "A1", "B2")]) == [["A1"], ["(A1)", "B2"]]


def test_after_another_code_the_first_counts_again_as_soon_as_it_comes_back(handed_on: Callable) -> None:
    frames = [*held(0, 800, "A1"), *held(800, 2000, "B2"), *held(2000, 3000, "A1")]
    assert handed_on(frames) == [["A1"], ["B2"], ["A1"]]


def test_frames_read_by_the_server_may_be_further_apart(handed_on: Callable) -> None:
    frames = [[0, "S1"], *held(100, 1800), [1800, "S1"], *held(1900, 3000), [3000, "S1"], *held(3100, 3500)]
    assert handed_on(frames) == [["S1"]]


def test_a_slow_computer_that_reads_every_second_frame_hands_on_too(handed_on: Callable) -> None:
    assert handed_on([[0, "A1"], [500], [1000, "A1"], [1500], [2000, "A1"], [2500], [3000, "A1"]]) == [["A1"]]
