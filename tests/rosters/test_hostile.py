"""Files made to harm, files cut or mixed up: refused with a reason, and nothing of them taken."""

import io
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rosters.siecle import document, element, pupil, pupils_file, zipped
from tracker.rosters import Limits, Roster, Severity, read_roster
from tracker.rosters.sentences import SENTENCES, sentence

ROOT = Path(__file__).parents[2]
FILE = pupils_file(pupil(1))
XML = '<?xml version="1.0"?>'
BODY = "<BEE_ELEVES><PARAMETRES><UAJ>&x;</UAJ></PARAMETRES></BEE_ELEVES>"


def refusal(content: bytes, **how) -> str:
    """The one code of a refused file."""
    roster = read_roster(content, **how)
    assert roster.refused
    assert (roster.pupils, roster.refused_rows, roster.guardians, roster.classes, roster.mefs) == ([], [], [], [], [])
    (problem,) = [problem for problem in roster.problems if problem.whole_file]
    assert problem.severity is Severity.ERROR
    return problem.code


# Entities


@pytest.mark.parametrize(
    "doctype",
    [
        "<!DOCTYPE BEE_ELEVES>",
        '<!DOCTYPE BEE_ELEVES [<!ENTITY x "boom">]>',
        '<!DOCTYPE BEE_ELEVES [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY x "&b;&b;&b;&b;">]>',
        '<!DOCTYPE BEE_ELEVES [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE BEE_ELEVES SYSTEM "http://127.0.0.1/x.dtd">',
        '<!DOCTYPE BEE_ELEVES [<!ENTITY % p SYSTEM "http://127.0.0.1/x.dtd"> %p;]>',
        '<!DOCTYPE BEE_ELEVES PUBLIC "-//X//Y" "x.dtd" [<!ELEMENT BEE_ELEVES ANY>]>',
        "<!-- before --><?x y?>\n<!DOCTYPE BEE_ELEVES>",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_in_any_form_is_refused_unopened(doctype, encoding):
    assert refusal((XML + doctype + BODY).encode(encoding)) == "doctype_forbidden"


def test_an_entity_that_nobody_declared_is_a_damage():
    assert refusal((XML + BODY).encode()) == "xml_broken"


# Damage, and what is no roster


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b" \r\n\t ", "file_empty"),
        (b"\xef\xbb\xbf", "file_empty"),
        (b"<html><body>Connexion</body></html>", "root_unknown"),
        (b"<BEE_COMMUN></BEE_COMMUN>", "root_unknown"),
        (b"<erreur>Acc\xe8s refus\xe9</erreur>", "service_error"),
        (b"<erreur><code>12</code><message>base ferm\xe9e</message></erreur>", "service_error"),
        (b"<", "xml_truncated"),
        (b"<BEE_ELEVES>", "xml_truncated"),
        (b"<BEE_ELEVES></BEE_RESPONSABLES>", "xml_broken"),
        (FILE + FILE, "xml_broken"),
        (FILE[: len(FILE) // 2], "xml_truncated"),
        (FILE.replace(b"DURAND1", b"DUR\x01AND"), "xml_broken"),
        (b"%PDF-1.7 ...", "not_recognised"),
        (b"\x89PNG\r\n\x1a\n", "not_recognised"),
        (b"Bonjour,\nvoici le fichier.", "not_recognised"),
        (b"\x00\x01\x02\x03" * 100, "not_recognised"),
        (b"\x1f\x8b\x08\x00abc", "zip_nested"),
    ],
)
def test_what_is_no_roster_is_refused_with_its_reason(content, code):
    assert refusal(content) == code


def test_the_words_of_the_web_service_are_passed_on():
    (problem,) = read_roster("<erreur><message>Base fermée</message></erreur>".encode()).problems
    assert problem.facts["found"] == "Base fermée"


def test_a_cut_file_says_at_which_line():
    cut = FILE[: FILE.index(b"<CODE_REGIME>") + 5]
    (problem,) = read_roster(cut).problems
    assert problem.line == cut.count(b"\n") + 1


@pytest.mark.parametrize("name", ["liste.pdf", "eleves.zip", "eleves.csv", "sans_nom"])
def test_the_name_of_a_file_says_nothing(tmp_path: Path, name):
    path = tmp_path / name
    path.write_bytes(FILE)
    assert len(read_roster(path).pupils) == 1


@pytest.mark.parametrize("source", [FILE, io.BytesIO(FILE), io.BytesIO(zipped(("a.xml", FILE)))])
def test_bytes_and_streams_are_read_alike(source):
    assert len(read_roster(source).pupils) == 1


def test_a_stream_that_cannot_go_back_is_read_too():
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    assert len(read_roster(Pipe(zipped(("a.xml", FILE)))).pupils) == 1


def test_a_missing_file_is_no_content_and_raises(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_roster(tmp_path / "absent.xml")


# ZIP


@pytest.mark.parametrize("extra", ["__MACOSX/._a.xml", ".DS_Store", "x/.DS_Store", "._a.xml", "Thumbs.db", "folder/"])
def test_what_macos_and_windows_add_is_left_aside(extra):
    roster = read_roster(zipped((extra, b"" if extra.endswith("/") else b"x"), ("ElevesSansAdresses.xml", FILE)))
    assert (len(roster.pupils), roster.problems) == (1, [])


@pytest.mark.parametrize("name", ["../a.xml", "/etc/a.xml", "x/../../a.xml", "C:\\a.xml", "..\\a.xml", "\\a.xml"])
def test_a_name_that_leads_outside_is_refused(name):
    content = zipped((name, FILE))
    assert refusal(content) == "zip_unsafe_name"
    assert read_roster(content).problems[0].facts["found"] == name


def test_a_zip_of_several_files_is_refused_and_names_them():
    content = zipped(("a.xml", FILE), ("b.xml", FILE))
    assert refusal(content) == "zip_several_files"
    assert read_roster(content).problems[0].facts["found"] == "a.xml, b.xml"


def test_the_names_in_a_zip_are_shown_without_signs_that_steer_a_terminal():
    for names in (["../\x1b[2Ja.xml"], ["\x1b[2Ja.xml", "b.xml"]):
        assert "\x1b" not in read_roster(zipped(*((name, FILE) for name in names))).problems[0].facts["found"]


def test_an_empty_zip_is_refused():
    assert refusal(zipped()) == "zip_empty"
    assert refusal(zipped((".DS_Store", b"x"))) == "zip_empty"


def test_an_entry_whose_name_is_nothing_but_a_null_never_raises():
    content = zipped(("a", FILE))
    name = content.index(b"PK\x01\x02") + 46
    assert refusal(content[:name] + b"\0" + content[name + 1 :]) == "zip_damaged"


@pytest.mark.parametrize("inner", [zipped(("a.xml", FILE)), b"\x1f\x8b\x08\x00"])
def test_an_archive_in_a_zip_is_refused(inner):
    assert refusal(zipped(("a.zip", inner))) == "zip_nested"


def test_a_spreadsheet_is_told_from_a_zip():
    assert refusal(zipped(("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", b"<x/>"))) == "spreadsheet"


def test_an_encrypted_entry_is_refused():
    content = bytearray(zipped(("a.xml", FILE)))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    assert refusal(bytes(content)) == "zip_encrypted"


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_may_ask_for_gigabytes_are_refused(method):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        archive.writestr("a.xml", FILE)
    assert refusal(packed.getvalue()) == "zip_damaged"


def test_a_corrupt_entry_is_refused():
    content = bytearray(zipped(("a.xml", pupils_file(*(pupil(n) for n in range(1, 50))))))
    middle = len(content) // 3
    content[middle : middle + 20] = bytes(255 - byte for byte in content[middle : middle + 20])
    assert refusal(bytes(content)) in ("zip_damaged", "xml_broken", "xml_truncated")


def test_a_wrong_checksum_is_refused_after_all_was_read():
    content = bytearray(zipped(("a.xml", FILE)))
    for place in (14, content.index(b"PK\x01\x02") + 16):
        content[place] ^= 0xFF
    assert refusal(bytes(content)) == "zip_damaged"


@pytest.mark.parametrize("length", [4, 10, 30, 60])
def test_a_cut_zip_is_refused(length):
    assert refusal(zipped(("a.xml", FILE))[:length]) == "zip_damaged"


def test_what_is_unpacked_is_counted_and_not_believed():
    bomb = zipped(("a.xml", FILE.replace(b"</ELEVES>", b" " * 5_000_000 + b"</ELEVES>")))
    assert refusal(bomb, limits=Limits(file=1_000_000)) == "file_too_big"
    lying = bytearray(bomb)
    place = lying.index(b"PK\x01\x02") + 24
    lying[place : place + 4] = (1000).to_bytes(4, "little")
    assert refusal(bytes(lying), limits=Limits(file=1_000_000)) in ("file_too_big", "zip_damaged", "xml_truncated")


def test_a_bomb_is_known_by_its_ratio():
    bomb = zipped(("a.xml", FILE.replace(b"</ELEVES>", b" " * 3_000_000 + b"</ELEVES>")))
    assert refusal(bomb, limits=Limits(ratio_from=1_000_000)) == "zip_bomb"


def test_a_directory_of_contents_that_is_too_large_is_not_read():
    content = zipped(*((f"{number}.xml", b"") for number in range(200)))
    assert refusal(content, limits=Limits(directory=5_000)) == "zip_too_many_entries"


# Endless things


def test_a_file_that_is_too_big_is_refused_unread():
    assert refusal(pupils_file(*(pupil(n) for n in range(1, 200))), limits=Limits(file=100_000)) == "file_too_big"
    assert refusal(b"Statut;Division\n" + b"x" * 100_000, limits=Limits(table=50_000)) == "file_too_big"


@pytest.mark.parametrize(
    "where", ["<MEL>{}</MEL>", "<MEL x='{}'/>", "<!--{}-->", "<?x {}?>", "<X{}/>", "<![CDATA[{}]]>"]
)
def test_a_text_without_end_is_not_read_to_its_end(where):
    content = FILE.replace(b"<CODE_STATUT>", where.format("a" * 3_000_000).encode() + b"<CODE_STATUT>")
    assert refusal(content, limits=Limits(token=200_000)) == "token_too_long"


@pytest.mark.parametrize("depth", [40, 50_000])
def test_elements_nested_too_deeply_are_refused(depth):
    deep = "<A>" * depth + "</A>" * depth
    inside = FILE.replace(b"<CODE_STATUT>", deep.encode() + b"<CODE_STATUT>")
    outside = document("BEE_ELEVES", deep)
    assert refusal(inside) == refusal(outside) == "too_deep"


def test_too_many_kinds_of_elements_are_refused():
    content = document("BEE_ELEVES", "".join(f"<A{number}/>" for number in range(30_000)))
    assert refusal(content) == "too_many_names"


def test_a_pupil_with_too_many_fields_is_refused():
    content = FILE.replace(b"<CODE_STATUT>", b"<X>a</X>" * 30_000 + b"<CODE_STATUT>")
    assert refusal(content) == "too_many_names"


@pytest.mark.parametrize("kind", ["pupils", "structures"])
def test_too_many_rows_are_refused(kind):
    rows = tuple(pupil(n) for n in range(1, 12)) if kind == "pupils" else ()
    classes = () if rows else tuple(element("STRUCTURES_ELEVE", "", ELEVE_ID=str(n)) for n in range(11))
    assert refusal(pupils_file(*rows, classes=classes), limits=Limits(rows=10)) == "too_many_rows"


def test_of_many_problems_of_one_kind_some_are_listed_and_the_rest_is_counted():
    roster = read_roster(pupils_file(*(pupil(n, MEL="x") for n in range(1, 31))), limits=Limits(kept=10))
    assert [p.code for p in roster.problems] == ["email_invalid"] * 10 + ["more_of_the_same"]
    assert roster.problems[-1].facts == {"more": "20", "of": "email_invalid"}
    assert len(roster.pupils) == 30


def test_progress_is_told_while_reading():
    told: list[tuple[int, int | None]] = []
    content = pupils_file(*(pupil(n) for n in range(1, 300)))
    read_roster(content, progress=lambda read, total: told.append((read, total)))
    assert told[-1] == (len(content), len(content))
    assert len(told) > 2
    assert told == sorted(told)


# Whatever comes

PIECES = st.sampled_from(
    [
        b"<BEE_ELEVES>",
        b"</BEE_ELEVES>",
        b"<DONNEES><ELEVES>",
        b"<ELEVE ELEVE_ID='1'>",
        b"</ELEVE>",
        b"<MEL>a;b</MEL>",
        b"<PRENOM>\xe9</PRENOM>",
        b"PK\x03\x04",
        b"[{",
        b'{"apprenant":{}}',
        b"]",
        b",",
        b"Statut;Division;Code MEF;Premier prenom;Nom de famille;Identifiant unique;Date de naissance\n",
        b"ST;A;1;B;C;D;01/01/2010\n",
        b'"',
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"\x00",
        b"<?xml version='1.0' encoding='utf-16'?>",
        b"<!DOCTYPE x>",
    ]
)


@given(st.binary() | st.lists(PIECES | st.binary(max_size=5)).map(b"".join))
def test_nothing_that_a_file_holds_raises(content):
    roster = read_roster(content)
    assert isinstance(roster, Roster)
    assert roster.refused or not any(problem.whole_file for problem in roster.problems)
    for problem in roster.problems:
        assert sentence(problem, str)


@given(st.data())
def test_a_damaged_zip_or_xml_never_raises(data):
    content = bytearray(data.draw(st.sampled_from([FILE, zipped(("a.xml", FILE))])))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    roster = read_roster(bytes(content))
    assert all(sentence(problem, str) for problem in roster.problems)


def test_every_problem_has_its_sentence():
    code = "".join(path.read_text() for path in (ROOT / "tracker/rosters").glob("*.py") if path.stem != "sentences")
    raised = set(re.findall(r'(?:FileRefused|\.error|\.warn|\.inform)\(\s*"([a-z_0-9]+)"', code))
    assert len(raised) > 50
    assert raised - set(SENTENCES) == set()


def test_100_000_pupils_are_read_within_300_mb():
    measured = subprocess.run(
        [sys.executable, "-m", "tests.rosters.many", "100000"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    pupils, megabytes = map(int, measured.stdout.split())
    assert pupils == 100_000
    assert megabytes < 300
