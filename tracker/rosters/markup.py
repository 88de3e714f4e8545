"""XML read record by record, guarded: no DOCTYPE, no entity, no endless tag, depth, name or record."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pyexpat import ExpatError, ParserCreate, XMLParserType, errors

from tracker.rosters.findings import FileRefused
from tracker.rosters.limits import Limits

_TRUNCATED = frozenset(
    errors.codes[message]
    for message in (
        errors.XML_ERROR_NO_ELEMENTS,
        errors.XML_ERROR_UNCLOSED_TOKEN,
        errors.XML_ERROR_PARTIAL_CHAR,
        errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
    )
)


@dataclass(slots=True)
class Record:
    """One element of interest: its own attributes, its direct children's texts, and those one level or more below.

    `inner` holds (place, parent, name, text) of the deeper ones: `place` counts the record's direct children, the
    parent is named for grandchildren only. `repeated` are direct children of a name that was there before.
    """

    line: int
    attributes: dict[str, str]
    fields: dict[str, str] = field(default_factory=dict)
    inner: list[tuple[int, str, str, str]] = field(default_factory=list)
    repeated: list[tuple[str, str]] = field(default_factory=list)
    text: str = ""


Handler = Callable[[Record], None]
Start = Callable[[str, dict[str, str]], None]
End = Callable[[str], None]
Schema = Mapping[tuple[str, ...], Handler]
"""For each path from the root the function that takes its records."""


class RecordReader:
    """Feeds the text of a document to expat and hands each record to its handler.

    pyexpat itself, and not an ElementTree over it: no slower than defusedxml, and it alone knows line numbers
    (docs/decisions/0016-rosters-by-pyexpat.md).
    """

    def __init__(self, schema_of: Callable[[str], Schema], limits: Limits) -> None:
        self.root = ""
        self._schema_of = schema_of
        self._limits = limits
        self._names: dict[str, str] = {}
        self._parser = ParserCreate("utf-8", None, self._names)
        self._fed = 0
        self._texts: list[str] = []
        self._record: Record | None = None
        self._guard(self._parser)
        self._parser.buffer_text = True
        self._parser.buffer_size = 64 * 1024

    def read(self, pieces: Iterator[str]) -> None:
        """Read the whole document; raises FileRefused for a broken or hostile one."""
        self._start_reading()
        try:
            for piece in pieces:
                data = piece.encode("utf-8", "replace")
                self._fed += len(data)
                self._parser.Parse(data, False)
                self._check_sizes()
            self._parser.Parse(b"", True)
        except ExpatError as error:
            raise _broken(error) from error

    @property
    def line(self) -> int:
        """Where the reading is."""
        return self._parser.CurrentLineNumber

    def _guard(self, parser: XMLParserType) -> None:
        """Nothing of a DTD is ever accepted: what defusedxml forbids, and DOCTYPE itself."""
        parser.StartDoctypeDeclHandler = self._forbid_doctype
        parser.EntityDeclHandler = self._forbid_entity
        parser.UnparsedEntityDeclHandler = self._forbid_entity
        parser.ExternalEntityRefHandler = self._forbid_external

    def _forbid_doctype(self, *_declaration: object) -> None:
        raise FileRefused("doctype_forbidden", self.line)

    def _forbid_entity(self, *_declaration: object) -> None:
        raise FileRefused("doctype_forbidden", self.line)

    def _forbid_external(self, *_reference: object) -> int:
        raise FileRefused("doctype_forbidden", self.line)

    def _check_sizes(self) -> None:
        """Once a piece: what grows without an end, and what expat reads again and again until it ends."""
        limits, record = self._limits, self._record
        if self._fed - max(self._parser.CurrentByteIndex, 0) > limits.token:
            raise FileRefused("token_too_long", self.line)
        if sum(map(len, self._texts)) > limits.token:
            raise FileRefused("token_too_long", self.line)
        if len(self._names) > limits.names:
            raise FileRefused("too_many_names", self.line)
        if record and len(record.inner) + len(record.repeated) > limits.names:
            raise FileRefused("too_many_names", record.line)

    def _start_reading(self) -> None:
        """Sets the handlers that look for records; within a record others take over."""
        parser, texts, most = self._parser, self._texts, self._limits.depth
        path: list[str] = []
        schema: Schema = {}

        def start(name: str, found: dict[str, str]) -> None:
            nonlocal schema
            path.append(name)
            if len(path) > most:
                raise FileRefused("too_deep", parser.CurrentLineNumber)
            if len(path) == 1:
                self.root = name
                schema = self._schema_of(name)
            texts.clear()
            take = schema.get(tuple(path))
            if take:
                enter(Record(parser.CurrentLineNumber, found), take)

        def end(_name: str) -> None:
            path.pop()
            texts.clear()

        def leave() -> None:
            parser.StartElementHandler, parser.EndElementHandler = start, end
            end("")

        enter = self._inside(leave)
        parser.StartElementHandler, parser.EndElementHandler = start, end
        parser.CharacterDataHandler = texts.append

    def _inside(  # noqa: C901 # four small handlers that share their variables
        self, leave: Callable[[], None]
    ) -> Callable[[Record, Handler], None]:
        """Handlers for the inside of a record: closures over plain variables, for they run ten million times.

        Answers what puts them in place; `leave` puts the former ones back.
        """
        parser, texts = self._parser, self._texts
        clear = texts.clear
        record, fields, take = Record(0, {}), {}, _nothing  # type: tuple[Record, dict[str, str], Handler]
        depth = place = 0
        child = ""

        def start(name: str, _found: dict[str, str]) -> None:
            nonlocal depth, place, child
            depth += 1
            if depth == 1:
                child = name
                place += 1
            clear()

        def end(name: str) -> None:
            nonlocal depth
            text = texts[0].strip() if len(texts) == 1 else "".join(texts).strip()
            if depth == 1 and name not in fields:
                fields[name] = text
            elif depth == 2:
                record.inner.append((place, child, name, text))
            else:
                seldom(name, text)
            depth -= 1
            clear()

        def seldom(name: str, text: str) -> None:
            if depth == 0:
                record.text = text
                self._record = None
                leave()
                take(record)
            elif depth == 1:
                record.repeated.append((name, text))
            else:
                self._far_below(record, (place, "", name, text), depth)

        def enter(new: Record, handler: Handler) -> None:
            nonlocal record, fields, take, depth, place
            self._record = record = new
            fields, take, depth, place = new.fields, handler, 0, 0
            parser.StartElementHandler, parser.EndElementHandler = start, end

        return enter

    def _far_below(self, record: Record, found: tuple[int, str, str, str], depth: int) -> None:
        """An element below a record's grandchildren: its parent does not matter, its depth does."""
        if depth > self._limits.depth:
            raise FileRefused("too_deep", self.line)
        record.inner.append(found)


def _nothing(_record: Record) -> None:
    """Before the first record."""


def _broken(error: ExpatError) -> FileRefused:
    code = "xml_truncated" if error.code in _TRUNCATED else "xml_broken"
    return FileRefused(code, error.lineno, found=errors.messages[error.code], column=error.offset + 1)
