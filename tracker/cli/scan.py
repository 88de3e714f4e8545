"""`tracker scan …`: read codes in pictures, and measure how well they are read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from tracker.cli.words import Stop, _
from tracker.scanning import CodeKind, Reading, Symbol, UnreadableImage, classify, engines_available, read
from tracker.scanning.engines import ZBAR
from tracker.scanning.measuring import FolderFigures, measure_folder

_FILES = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDERS = click.Path(exists=True, file_okay=False, path_type=Path)
_as_json = click.option("--json", "as_json", is_flag=True, help=_("Print JSON instead of lines."))


@click.group(help=_("Read codes in pictures, and measure how well they are read."))
def scan() -> None:
    """Read and bench; a missing decoder is said once, on standard error."""
    if ZBAR not in engines_available():
        click.echo(_("libzbar is not installed: zxing-cpp reads alone (apt install libzbar0 brings it)."), err=True)


@scan.command("read", help=_("Read all codes in pictures (JPEG, PNG) and say what each is."))
@click.argument("files", nargs=-1, required=True, type=_FILES)
@_as_json
def read_files(files: tuple[Path, ...], as_json: bool) -> None:
    """All symbols of each file; exit code 1 when a file cannot be opened as a picture."""
    answers = [_read_file(path) for path in files]
    if as_json:
        click.echo(json.dumps(answers, ensure_ascii=False, indent=2))
    else:
        for answer in answers:
            _print_answer(answer)
    refused = [answer["file"] for answer in answers if "error" in answer]
    if refused:
        raise Stop(_("Not a readable picture: %(files)s.", files=", ".join(refused)))


@scan.command("bench", help=_("Measure reading on folders of pictures with their texts (picture.txt) beside them."))
@click.argument("folders", nargs=-1, required=True, type=_FOLDERS)
@_as_json
def bench(folders: tuple[Path, ...], as_json: bool) -> None:
    """Each picture at 0, 90 and 180 degrees; pyzbar and zxing-cpp by themselves on the same views."""
    figures = []
    for folder in folders:
        figures.append(measure_folder(folder))
        if not as_json:
            click.echo(_line(figures[-1]))
    if as_json:
        click.echo(json.dumps([folder.as_json() for folder in figures], ensure_ascii=False, indent=2))


def _read_file(path: Path) -> dict[str, Any]:
    """What one file holds, or why it cannot be opened."""
    try:
        reading = read(path.read_bytes())
    except UnreadableImage as refusal:
        return {"file": str(path), "error": refusal.reason}
    return {"file": str(path), **_as_dict(reading)}


def _as_dict(reading: Reading) -> dict[str, Any]:
    """A reading as JSON."""
    return {
        "symbols": [_symbol_as_dict(symbol) for symbol in reading.symbols],
        "engines": list(reading.engines),
        "cpu_ms": round(reading.cpu_ms, 2),
    }


def _symbol_as_dict(symbol: Symbol) -> dict[str, Any]:
    """One symbol with what it was taken for; a network's name and key are not printed."""
    code = classify(symbol)
    return {
        "text": "" if code.kind is CodeKind.WIFI else symbol.text,
        "symbology": symbol.symbology.value,
        "corners": symbol.corners,
        "engine": symbol.engine,
        "stage": symbol.stage,
        "cpu_ms": round(symbol.cpu_ms, 2),
        "kind": code.kind.value,
        "value": code.value,
        "maker": code.maker,
        "rule": code.rule_name,
    }


def _print_answer(answer: dict[str, Any]) -> None:
    """One line for a file, one for each symbol in it."""
    if "error" in answer:
        return
    click.echo(
        _(
            "%(file)s: %(count)s read in %(ms)s ms",
            file=answer["file"],
            count=len(answer["symbols"]),
            ms=answer["cpu_ms"],
        )
    )
    for symbol in answer["symbols"]:
        what = " ".join(part for part in (symbol["kind"], symbol["maker"], symbol["value"]) if part)
        read_by = f"{symbol['engine']} {symbol['stage']}"
        click.echo(f"  {symbol['symbology']:<12}{symbol['text']!r}  {what}  ({read_by})")


def _line(figures: FolderFigures) -> str:
    """One folder's figures as a line."""
    peers = ", ".join(f"{name} {tally.read} ({tally.median_ms} ms)" for name, tally in figures.peers.items())
    return _(
        "%(folder)s: %(read)s of %(views)s read, %(wrong)s wrong, %(median)s ms (p95 %(p95)s);"
        " %(peers)s, either %(either)s",
        folder=figures.folder,
        read=figures.ours.read,
        views=figures.views,
        wrong=figures.ours.wrong,
        median=figures.ours.median_ms,
        p95=figures.ours.p95_ms,
        peers=peers,
        either=figures.either,
    )
