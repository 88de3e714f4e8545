"""The problems of one file while it is read: kept in order, counted beyond a limit."""

from collections import Counter
from dataclasses import replace

from tracker.rosters.limits import LIMITS, Limits
from tracker.rosters.rows import Problem, Severity


class FileRefused(Exception):
    """Ends the reading of a file; carries the problem that refuses it. Never leaves tracker.rosters."""

    def __init__(self, code: str, line: int | None = None, field: str = "", **facts: object) -> None:
        super().__init__(code)
        texts = {name: str(value) for name, value in facts.items()}
        self.problem = Problem(Severity.ERROR, code, line, field=field, facts=texts, whole_file=True)


class Findings:
    """Collects problems; at most `limits.kept` of one code are kept, the rest is counted and said at the end."""

    def __init__(self, limits: Limits = LIMITS) -> None:
        self.limits = limits
        self._kept: list[Problem] = []
        self._met: Counter[tuple[Severity, str]] = Counter()

    def add(self, problem: Problem) -> None:
        """Keep a problem, or count it."""
        self._met[problem.severity, problem.code] += 1
        if self._met[problem.severity, problem.code] <= self.limits.kept or problem.whole_file:
            self._kept.append(problem)

    def error(self, code: str, line: int | None = None, pupil: str = "", field: str = "", **facts: object) -> None:
        """A row is refused."""
        self._note(Severity.ERROR, code, line, pupil, field, facts)

    def warn(self, code: str, line: int | None = None, pupil: str = "", field: str = "", **facts: object) -> None:
        """Something was put right or left out."""
        self._note(Severity.WARNING, code, line, pupil, field, facts)

    def inform(self, code: str, line: int | None = None, pupil: str = "", field: str = "", **facts: object) -> None:
        """Something worth knowing."""
        self._note(Severity.INFORMATION, code, line, pupil, field, facts)

    def _note(
        self, severity: Severity, code: str, line: int | None, pupil: str, field: str, facts: dict[str, object]
    ) -> None:
        texts = {name: shown(value) for name, value in facts.items()}
        self.add(Problem(severity, code, line, pupil, field, texts))

    def in_order(self, names: dict[str, str] | None = None) -> list[Problem]:
        """All problems in the order of lines; `names`: who is behind an identifier that stands for a pupil."""
        known = names or {}
        listed = [replace(one, pupil=known[one.pupil]) if one.pupil in known else one for one in self._kept]
        return sorted(listed, key=lambda problem: problem.line or 0) + self._beyond()

    def _beyond(self) -> list[Problem]:
        most = self.limits.kept
        return [
            Problem(severity, "more_of_the_same", facts={"more": str(met - most), "of": code})
            for (severity, code), met in self._met.items()
            if met > most and code != "more_of_the_same"
        ]


def shown(value: object, most: int = 60) -> str:
    """A value of the file as a fact: short enough to be read in a sentence."""
    text = " ".join(str(value).split())
    return text if len(text) <= most else f"{text[: most - 1]}…"
