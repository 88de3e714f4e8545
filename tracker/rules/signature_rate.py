"""The share of agreements that are signed and validated: rule A6."""

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Rate:
    """Rule A6. Signed and validated agreements among the eligible pupils who are still schooled."""

    signed: int
    eligible: int

    @property
    def fraction(self) -> Fraction | None:
        """The exact share; None when nobody is eligible."""
        return Fraction(self.signed, self.eligible) if self.eligible else None

    def __add__(self, other: "Rate") -> "Rate":
        """The rate of both groups together."""
        return Rate(self.signed + other.signed, self.eligible + other.eligible)

    def reaches(self, percent: int) -> bool:
        """Rule D3. Whether the share is at least so many percent, compared exactly; never when nobody is eligible."""
        return self.fraction is not None and self.fraction >= Fraction(percent, 100)
