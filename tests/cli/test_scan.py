"""`tracker scan`: what it prints for people and for programs."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from bench.pictures import drawn, jpeg, on_frame, png, turned
from tracker.cli.scan import scan


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a code, a folded text, a picture without a code, and one whose text is not what it holds."""
    pictures = tmp_path / "labels"
    pictures.mkdir()
    (pictures / "a.jpg").write_bytes(jpeg(on_frame(drawn("PF3A7K2M"), size=(300, 600))))
    (pictures / "a.txt").write_text("PF3A7K2M\n")
    (pictures / "b.png").write_bytes(png(turned(drawn("one\r\ntwo", "qr"), 10, ground=255)))
    (pictures / "b.txt").write_text("one\ntwo\n")
    (pictures / "c.png").write_bytes(png(on_frame(size=(200, 300))))
    (pictures / "d.png").write_bytes(png(drawn("5CG0123BCD", "code_39")))
    (pictures / "d.txt").write_text("SOMETHING ELSE")
    return pictures


def test_read_prints_what_a_picture_holds_and_what_it_is_taken_for(folder: Path) -> None:
    answer = CliRunner().invoke(scan, ["read", str(folder / "a.jpg")])

    assert answer.exit_code == 0
    assert all(word in answer.output for word in ("code_128", "PF3A7K2M", "serial", "Lenovo"))


def test_read_as_json_gives_one_object_for_each_file(folder: Path) -> None:
    answer = CliRunner().invoke(scan, ["read", "--json", str(folder / "a.jpg"), str(folder / "c.png")])

    label, blank = json.loads(answer.output)
    assert blank["symbols"] == []
    assert blank["engines"] == ["zxing-cpp", "zbar"]
    (symbol,) = label["symbols"]
    assert (symbol["text"], symbol["symbology"], symbol["stage"]) == ("PF3A7K2M", "code_128", 1)
    assert (symbol["kind"], symbol["value"], symbol["maker"]) == ("serial", "PF3A7K2M", "Lenovo")
    assert len(symbol["corners"]) == 4


def test_read_says_which_file_is_no_picture_and_reads_the_others(folder: Path) -> None:
    answer = CliRunner().invoke(scan, ["read", "--json", str(folder / "a.txt"), str(folder / "a.jpg")])

    assert answer.exit_code == 1
    assert str(folder / "a.txt") in answer.stderr
    refused, label = json.loads(answer.stdout)
    assert refused == {"file": str(folder / "a.txt"), "error": "format"}
    assert label["symbols"][0]["text"] == "PF3A7K2M"


def test_a_network_and_its_key_are_not_printed(tmp_path: Path) -> None:
    path = tmp_path / "box.png"
    path.write_bytes(png(drawn("WIFI:S:Airbox;T:WPA;P:s3cretKey;;", "qr")))

    for arguments in (["read", str(path)], ["read", "--json", str(path)]):
        answer = CliRunner().invoke(scan, arguments)
        assert "wifi" in answer.output
        assert "s3cretKey" not in answer.output


def test_bench_as_json_counts_views_reads_and_wrong_texts_next_to_each_decoder(folder: Path) -> None:
    (figures,) = json.loads(CliRunner().invoke(scan, ["bench", "--json", str(folder)]).output)

    assert set(figures) == {"folder", "views", "read", "wrong", "cpu_ms_median", "cpu_ms_p95", "peers"}
    assert (figures["folder"], figures["views"], figures["read"], figures["wrong"]) == ("labels", 12, 6, 3)
    assert 0 < figures["cpu_ms_median"] <= figures["cpu_ms_p95"]
    assert set(figures["peers"]) == {"pyzbar", "zxing-cpp", "either"}
    assert figures["peers"]["pyzbar"] | {"cpu_ms_median": 0} == {"read": 6, "wrong": 3, "cpu_ms_median": 0}
    assert figures["peers"]["zxing-cpp"] | {"cpu_ms_median": 0} == {"read": 6, "wrong": 3, "cpu_ms_median": 0}
    assert figures["peers"]["either"] == {"read": 6}


def test_bench_prints_a_line_for_each_folder(folder: Path) -> None:
    answer = CliRunner().invoke(scan, ["bench", str(folder), str(folder)])

    assert answer.exit_code == 0
    assert [line[:6] for line in answer.output.splitlines()] == ["labels", "labels"]


def test_bench_of_an_empty_folder_has_no_times(tmp_path: Path) -> None:
    (figures,) = json.loads(CliRunner().invoke(scan, ["bench", "--json", str(tmp_path)]).output)

    assert (figures["views"], figures["cpu_ms_median"], figures["cpu_ms_p95"]) == (0, None, None)


def test_a_file_that_is_not_there_is_a_sentence() -> None:
    answer = CliRunner().invoke(scan, ["read", "nowhere.jpg"])

    assert answer.exit_code == 2
    assert "nowhere.jpg" in answer.output
