"""Scans of signed agreements: a pile of pages, any pupils, any order; each page files itself by its code (A3)."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog
from peewee import IntegrityError

from tracker import scanning
from tracker.models.agreements import Agreement, AgreementPage, ScannedPage, ScanPile
from tracker.models.database import database
from tracker.models.work import Work
from tracker.operations import filing, works
from tracker.operations.paper import form_pages
from tracker.queries.scope import within
from tracker.rules.access import Actor, Permission
from tracker.rules.paper import PageNote
from tracker.rules.refusals import Refused
from tracker.rules.work import WorkKind
from tracker.scanning import CodeKind, UnreadableImage
from tracker.scanning.blank import is_blank
from tracker.scanning.piles import page_count, pages_of
from tracker.scanning.symbols import UnreadablePile
from tracker.storage.storage import Storage

log = structlog.get_logger()

PILES, PAGES = "piles", "scans"
_LONGEST_NAME = 200
Progress = Callable[[int, int], None]


@dataclass
class Filed:
    """What became of a pile's pages: filed by their codes, blank, and left for a person."""

    pages: int = 0
    filed: int = 0
    blank: int = 0
    unread: int = 0


def keep_pile(
    school_id: int, file_name: str, data: bytes, *, storage: Storage, actor: Actor, now: datetime
) -> ScanPile:
    """Rule A3. Keep an uploaded file of scanned pages, to be filed by `file_pile`.

    Raises Refused: school_not_found, pile_known (the very file was there before), pile_… where it cannot be opened.
    """
    _check_may(actor)
    if not actor.scope.covers(school_id):
        raise Refused("school_not_found")
    digest = hashlib.sha256(data).hexdigest()
    known = ScanPile.get_or_none(ScanPile.school == school_id, ScanPile.digest == digest)
    if known:
        raise Refused("pile_known", rule="A3", pile_id=known.id, at=known.uploaded_at)
    try:
        page_count(data)
    except UnreadablePile as error:
        raise Refused(f"pile_{error.reason}", rule="A3", page=error.page, pages=error.pages) from None
    stored = storage.put(data, kind=PILES, suffix=".scan")
    return ScanPile.create(
        school=school_id, file_name=file_name[-_LONGEST_NAME:], file=stored.key, digest=digest,
        uploaded_by=actor.user_id, uploaded_at=now,
    )  # fmt: skip


def ask_to_file(pile_id: int, *, actor: Actor, now: datetime) -> Work:
    """Rule A3. Have the pages of a pile filed as long work. Raises Refused: not_found, work_under_way."""
    _check_may(actor)
    with database.atomic():
        pile = ScanPile.get_or_none(ScanPile.id == pile_id, within(actor.scope, ScanPile.school))
        if pile is None:
            raise Refused("not_found")
        return works.ask(WorkKind.FILE_SCANS, pile.id, school_id=pile.school_id, actor=actor, now=now)


def file_pile(
    pile_id: int, *, storage: Storage, actor: Actor, now: datetime, progress: Progress = lambda done, total: None
) -> Filed:
    """Rule A3. Read each page and file it under its agreement; begun again, it goes on where it stopped.

    Raises Refused not_found, FileMissing.
    """
    _check_may(actor)
    pile = ScanPile.get_or_none(ScanPile.id == pile_id, within(actor.scope, ScanPile.school))
    if pile is None or pile.file is None:
        raise Refused("not_found")
    data = storage.read(pile.file)
    total = page_count(data)
    done = {row.number for row in ScannedPage.select(ScannedPage.number).where(ScannedPage.pile == pile)}
    try:
        for number, image in enumerate(pages_of(data), start=1):
            progress(number - 1, total)
            if number not in done:
                _file(pile, number, image, storage, actor, now)
    except UnreadablePile as error:
        _note_broken(pile, error.page or 1)
    progress(total, total)
    log.info("pile filed", pile=pile.id, by=actor.user_id)
    return _counted(pile)


def _file(pile: ScanPile, number: int, image: bytes, storage: Storage, actor: Actor, now: datetime) -> None:
    # Before the transaction: while a picture is looked at, SQLite's only writer would wait.
    codes = _codes(image)
    blank = not codes and _is_blank(image)
    stored = storage.put(image, kind=PAGES, suffix=".jpg")
    try:
        with database.atomic():
            page = ScannedPage.create(pile=pile, number=number, image=stored.key)
            _find_place(page, codes, blank=blank, actor=actor, now=now)
    except IntegrityError:
        storage.delete(stored.key)  # the same pile is being filed by another process: the page is there already
    except BaseException:
        storage.delete(stored.key)
        raise


def _codes(image: bytes) -> set[str]:
    """The codes of agreements' pages in the picture."""
    try:
        found = map(scanning.classify, scanning.read(image).symbols)
    except UnreadableImage:
        return set()
    return {each.value for each in found if each.kind is CodeKind.AGREEMENT_PAGE}


def _find_place(page: ScannedPage, codes: set[str], *, blank: bool, actor: Actor, now: datetime) -> None:
    form = AgreementPage.get_or_none(AgreementPage.code == next(iter(codes))) if len(codes) == 1 else None
    if form is None:
        page.note = PageNote.BLANK if blank else PageNote.SEVERAL if len(codes) > 1 else PageNote.UNREAD
        page.set_aside = blank
        page.save()
        return
    agreement = Agreement.get_by_id(form.agreement_id)
    if not filing.is_within(agreement.pupil_id, agreement.school_year, actor):
        page.note = PageNote.FOREIGN
        page.save()
        return
    _text, pages = form_pages(agreement.id, form.text_id)
    filing.place(page, agreement.id, form.number, form.text, pages, filed_by=None, now=now)


def _is_blank(image: bytes) -> bool:
    try:
        return is_blank(image)
    except UnreadableImage:
        return False


def _note_broken(pile: ScanPile, number: int) -> None:
    """A page that cannot be drawn, and with it those that follow: the person scans them anew."""
    rest = {"image": "", "note": PageNote.BROKEN}
    ScannedPage.get_or_create(pile=pile, number=number, defaults=rest)


def _counted(pile: ScanPile) -> Filed:
    found = Filed()
    for page in ScannedPage.select().where(ScannedPage.pile == pile):
        found.pages += 1
        found.filed += page.agreement_id is not None
        found.blank += page.note == PageNote.BLANK
        found.unread += page.agreement_id is None and not page.set_aside
    return found


def _check_may(actor: Actor) -> None:
    if not actor.may(Permission.PRINT_AGREEMENTS):
        raise Refused("not_allowed")
