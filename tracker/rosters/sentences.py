"""Each problem of a roster file as a sentence: English here, the catalogue's language through `translate`."""

from collections import defaultdict
from collections.abc import Callable

from tracker.rosters.rows import Problem


def _l(message: str) -> str:
    """Marks a sentence for the catalogue; web and terminal translate it when it is shown."""
    return message


SENTENCES = {
    # The file as a whole
    "file_empty": _l("The file is empty."),
    "file_too_big": _l("The file is too big: %(expected)s at most. A school’s roster holds a few."),
    "too_many_rows": _l("The file holds more than %(expected)s rows: this is not one school’s roster."),
    "not_recognised": _l("This is no roster: SIECLE’s XML (or its ZIP), FREGATA’s CSV or JSON are expected."),
    "spreadsheet": _l("This is a spreadsheet. Save it as CSV, then send it again."),
    "root_unknown": _l("This XML is no roster: it begins with “%(found)s”, where one of %(expected)s is expected."),
    "service_error": _l("The web service sent an error instead of the roster: %(found)s"),
    "xml_broken": _l("The file is damaged at this line, column %(column)s (%(found)s). Export it again."),
    "xml_truncated": _l("The file stops in the middle: it was cut while being sent. Export it again."),
    "doctype_forbidden": _l("The file declares a document type or entities, which no roster does: it was not opened."),
    "token_too_long": _l("The file holds a text without an end: it was not read further."),
    "too_many_names": _l("The file holds too many kinds of elements: this is no roster."),
    "too_deep": _l("The file nests its elements too deeply: this is no roster."),
    "uai_missing": _l("The file does not say which school it is of (UAJ)."),
    "uai_form": _l("“%(found)s” is not the form of a school’s UAI."),
    "school_year_missing": _l("The school year cannot be read: “%(found)s”."),
    "export_date_missing": _l("The day of the export cannot be read: “%(found)s”."),
    "zip_damaged": _l("The ZIP is damaged. Send it again, or send the XML in it."),
    "zip_empty": _l("The ZIP holds no file."),
    "zip_several_files": _l("The ZIP holds several files (%(found)s): send them one by one."),
    "zip_unsafe_name": _l("The ZIP holds a file whose name leads outside of it (%(found)s): it was not opened."),
    "zip_encrypted": _l("The ZIP is protected by a password. Send it without."),
    "zip_nested": _l("This is an archive inside of another, or of a kind that is not read. Send the XML in it."),
    "zip_bomb": _l(
        "The ZIP unpacks to far more than a roster (%(found)s, %(expected)s at most): it was not read further."
    ),
    "zip_too_many_entries": _l("The ZIP lists far too many files: it was not opened."),
    "csv_broken": _l("The table cannot be read from this line on (%(found)s)."),
    "columns_missing": _l("These columns are missing: %(expected)s. Found: %(found)s."),
    "json_no_list": _l("The answer of the web service is no list of pupils: %(found)s"),
    "json_broken": _l("The file is damaged at this line. Fetch it again."),
    "json_truncated": _l("The file stops in the middle: it was cut while being fetched. Fetch it again."),
    # Its letters
    "encoding_unknown": _l("The file names an unknown encoding, “%(found)s”: it was read as %(expected)s."),
    "encoding_lies": _l("The file says it is written in %(expected)s, its letters are %(found)s: they were read so."),
    "encoding_assumed": _l("The file does not say its encoding: it was read as %(found)s. Check the accents."),
    "encoding_mark": _l("The file says it is written in %(expected)s, it begins as %(found)s: it was read so."),
    "encoding_mixed": _l("Some letters are not in the encoding of the file: check the accents."),
    # Pupils
    "id_missing": _l("The pupil’s number in the school is missing: the row is not taken."),
    "id_twice": _l(
        "The same number in the school, “%(found)s”, is on another pupil, %(others)s: neither row is taken."
    ),
    "id_twice_same_pupil": _l("This pupil is there twice; the row of line %(kept)s counts."),
    "name_missing": _l("The name is missing: the row is not taken."),
    "field_too_long": _l("“%(found)s” is longer than %(expected)s characters: the row is not taken."),
    "field_left_out": _l("“%(found)s” is longer than %(expected)s characters: it was left out."),
    "field_twice": _l("There are two values; “%(kept)s” counts, “%(found)s” does not."),
    "character_lost": _l(
        "“%(found)s” holds a question mark: a letter was lost in the export. Correct it at its source."
    ),
    "ine_form": _l("“%(found)s” has not the form of an INE: 11 characters, ending with one or two letters."),
    "ine_letter": _l("The last letter of the INE “%(found)s” does not match its digits: a typing error, perhaps."),
    "ine_missing": _l("No INE yet: the pupil is known in this school only."),
    "ine_twice": _l("The same INE, “%(found)s”, is on another pupil, %(others)s: neither row is taken."),
    "ine_twice_same_pupil": _l("This pupil left and came back, or is there twice; the row of line %(kept)s counts."),
    "ine_shared": _l("“%(found)s” stands on several pupils and is no INE: it was left out."),
    "birth_date_missing": _l("The birth date is missing: nobody can tell whether the pupil is of age."),
    "date_impossible": _l("“%(found)s” is no date: %(expected)s is expected, a day that exists."),
    "exit_before_entry": _l("The exit on %(found)s comes before the entry on %(expected)s."),
    "exit_reason_without_date": _l(
        "There is a reason for leaving (%(found)s) and no exit date: the pupil counts as present."
    ),
    "death_without_date": _l(
        "The reason for leaving (%(found)s) says that the pupil died, without a date: they count as gone from today on,"
        " and nothing is ever sent about them. If that is wrong, correct the reason in the school’s software."
    ),
    "email_invalid": _l("“%(found)s” is no e-mail address: it was left out."),
    "email_several": _l("There are several addresses, “%(found)s”: “%(kept)s” is used."),
    "email_mended": _l("“%(found)s” was read as “%(kept)s”."),
    "mef_missing": _l("No level code (MEF): the pupil does not count as enrolled."),
    "mef_form": _l("“%(found)s” is no level code (MEF): 11 digits are expected. The level is to be checked."),
    "mef_short": _l("The level code “%(found)s” has 10 digits: they decide, the eleventh is a local variant."),
    "flag_unknown": _l("“%(found)s” is neither yes nor no: it counts as no."),
    "status_unknown": _l("“%(found)s” is no known status: %(expected)s are expected."),
    "two_divisions": _l("The pupil is in two classes: “%(kept)s” counts, “%(found)s” does not."),
    "class_missing": _l("The pupil is in no class: not yet counted as enrolled."),
    "class_too_long": _l("The class “%(found)s” is longer than %(expected)s characters: it was left out."),
    "division_inactive": _l("“%(found)s” is no class: it holds those who are in none."),
    "structure_kind": _l("“%(found)s” is neither a class (D) nor a group (G): it was left out."),
    "structure_without_pupil": _l("The class “%(found)s” is given to a pupil who is not in the file."),
    "row_width": _l("The row has %(found)s cells where the headings have %(expected)s: it is not taken."),
    "column_twice": _l("This column is there twice: the first one counts."),
    "record_form": _l("This is no pupil: “%(expected)s” is expected. Found: %(found)s"),
    "counted_elsewhere": _l("Already counted by the Éducation nationale: left out here."),
    "other_year": _l("Of the school year %(found)s, not %(expected)s: left out."),
    # Guardians
    "person_without_id": _l("This person has no number in the file: left out."),
    "person_twice": _l("The number “%(found)s” is on two persons: the first one counts."),
    "person_without_pupil": _l("This person is linked to no pupil."),
    "guardian_name_missing": _l("The person’s name is missing."),
    "link_incomplete": _l("A link between pupil and person is incomplete: left out."),
    "link_without_person": _l("The pupil is linked to the person “%(found)s”, who is not in the file."),
    "link_contradicts": _l("The file says of this person both legal guardian and not: they count as not."),
    "guardian_level_missing": _l("The file does not say whether this person is a legal guardian: they count as not."),
    "guardian_level_unknown": _l(
        "“%(found)s” is no known responsibility (%(expected)s): the person is no legal guardian."
    ),
    # Classes
    "class_code": _l("“%(found)s” cannot be a class: 1 to %(expected)s characters are expected."),
    "class_twice": _l("The class “%(found)s” is there twice: the first one counts."),
    # What needs a yes
    "stop_other_school": _l("The file is of the school %(found)s, not of %(expected)s: a person must say yes to that."),
    "stop_last_year": _l("The file is of the school year %(file_year)s, not %(year)s: a person must say yes to that."),
    "stop_older": _l("A newer file of this school was read already; this one is of %(exported)s."),
    "stop_collapsed": _l("Pupils enrolled in this file: %(schooled)s. Most of the school would have left."),
    "stop_guardians_gone": _l("Most pupils would have no guardian any more: nobody could sign for those under age."),
    "stop_identity": _l("Some pupils have the name and birth date of one we know: a person must say who is who."),
    # Next to what is known
    "school_unknown": _l(
        "No school of the programme has the UAI %(uai)s yet: the file can be applied once there is one."
    ),
    "no_pupils": _l("The file names no pupil."),
    "in_two_schools": _l(
        "The pupil is enrolled in another school still, and entered it no earlier: they stay there until it lets them"
        " go."
    ),
    "died_elsewhere": _l(
        "The school where the pupil was last says that they died: nothing is changed. If that is a mistake, that school"
        " corrects its exit reason first."
    ),
    "leavers_unsure": _l(
        "%(rows)s rows do not say whose they are: of the %(missing)s pupils whom this file does not name, nobody is"
        " taken for a leaver."
    ),
    "loan_stays": _l(
        "The pupil left another school more than %(days)s days ago: a loan that is open does not follow by itself."
    ),
    "loan_stays_no_member": _l(
        "The pupil comes from a member school, and this one is no member: a loan that is open does not follow."
    ),
    "two_rows_one_pupil": _l("This row and the one of %(other)s mean the same pupil: this row is not taken."),
    "same_name": _l(
        "A pupil of the same name and birth date is known: %(known)s (class %(class_name)s). A person must say whether"
        " it is this one."
    ),
    "numbers_of_two_pupils": _l(
        "The numbers of this row (%(numbers)s, and the one in the school) belong to two different pupils: the row is"
        " not taken. Find out which number is right, correct it in the school’s software, export again."
    ),
    "national_number_counts": _l(
        "The national number (%(numbers)s) is that of a pupil who is known already; %(other)s, who came without one"
        " under the same number in the school, counts as gone: answer that departure."
    ),
    "school_not_member": _l(
        "The school is not in the programme on this day (%(membership)s): none of its pupils is eligible (rule E1)."
    ),
    "level_unknown": _l("The level code %(mef)s is not known: an administrator checks the level."),
    "three_year_cap": _l("Three-year CAP (%(mef)s): whether these pupils get a laptop is not settled."),
    "arrival_unknown": _l("The file does not say where the pupil was last year: an administrator checks it."),
    "guardians_before_pupils": _l("No pupil of this school year is known here yet: apply the roster of pupils first."),
    "guardian_of_unknown_pupil": _l("No pupil of this school has this number: the guardians were left out."),
    "guardians_elsewhere": _l(
        "Pupils of this file who are at another school now: %(count)s. Their guardians are that school’s to say."
    ),
    "guardians_gone": _l(
        "Pupils to whom the file gives no guardian any more: %(count)s. The guardians on file are taken away."
    ),
    "families_unsure": _l(
        "%(rows)s links do not say whose guardian the person is: of the %(missing)s pupils whom this file gives none,"
        " nobody loses theirs."
    ),
    # Beyond the list
    "more_of_the_same": _l("%(more)s more of this kind are not listed: %(kind)s"),
}


_OF_A_PERSON = _l("%(person)s: %(sentence)s")


def sentence(problem: Problem, translate: Callable[[str], str]) -> str:
    """The problem in words; `translate` is the catalogue's gettext. Line, pupil and field stand beside it."""
    facts = defaultdict(str, problem.facts)
    if problem.code == "more_of_the_same":
        facts["kind"] = translate(SENTENCES[facts["of"]]) % defaultdict(lambda: "…")
    said = translate(SENTENCES[problem.code]) % facts
    return translate(_OF_A_PERSON) % {"person": facts["person"], "sentence": said} if facts["person"] else said
