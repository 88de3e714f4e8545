"""What a password must be: long, and neither common nor made of the person's own name or address."""

from tracker.rules.names import search_key

LEAST_LENGTH = 12
MOST_LENGTH = 200
"""Longer ones are refused: hashing them would only cost time."""

_COMMON = (
    "password", "passwort", "motdepasse", "azerty", "azertyuiop", "qwerty", "qwertyuiop", "qwertz", "abcdefghijkl",
    "abcdefghijklmnop", "loulou", "doudou", "marseille", "football", "soleil", "bonjour", "chouchou", "jetaime",
    "iloveyou", "welcome", "bienvenue", "letmein", "administrateur", "administrator", "administration", "admin",
    "superman", "starwars", "princesse", "princess", "camille", "nicolas", "normandie", "regionnormandie", "lycee",
    "ordinateur", "tracker", "packnumerique", "packnumeriquelyceen", "changeme", "changezmoi", "secret", "trustno",
    "monmotdepasse", "supermotdepasse", "dragon", "monkey", "sunshine", "master", "michael", "shadow", "liverpool",
    "chelsea", "internet", "ludovic", "caramel", "cheval", "toulouse", "bordeaux", "normandy", "caenlamer", "rouen",
)  # fmt: skip
_SEQUENCES = ("0123456789" * 3, "9876543210" * 3, "abcdefghijklmnopqrstuvwxyz" * 2, "azertyuiopqsdfghjklmwxcvbn" * 2,
              "qwertyuiopasdfghjklzxcvbnm" * 2)  # fmt: skip
_LOOKALIKES = str.maketrans("013457@$!", "oieastasi")
_LEAST_VARIETY = 5


def password_problem(password: str, *, email: str = "", name: str = "") -> str | None:
    """Why this password is not good enough: too_short, too_long, personal or common; None when it is good."""
    if len(password) < LEAST_LENGTH:
        return "password_too_short"
    if len(password) > MOST_LENGTH:
        return "password_too_long"
    if _is_personal(password, email, name):
        return "password_personal"
    return "password_common" if _is_common(password) else None


def _is_personal(password: str, email: str, name: str) -> bool:
    """The address, its parts or the name, with nothing but a few signs around them."""
    folded = _folded(password)
    local, _, host = email.partition("@")
    parts = [email, local, host, host.rpartition(".")[0], name, *reversed_name(name)]
    return any(len(part) > 3 and _is_mostly(folded, part) for part in map(_folded, parts))


def reversed_name(name: str) -> list[str]:
    """The name's words in the other order: « Léa Martin » → « MartinLéa »."""
    words = name.split()
    return ["".join(reversed(words))] if len(words) > 1 else []


def _is_common(password: str) -> bool:
    lowered = password.casefold()
    if len(set(lowered)) < _LEAST_VARIETY or any(lowered in sequence for sequence in _SEQUENCES):
        return True
    return any(_is_mostly(plain, word) for plain in _readings(lowered) for word in _COMMON)


def _readings(lowered: str) -> set[str]:
    """The password as it stands, without its figures at either end, and with figures read as letters."""
    trimmed = lowered.strip("0123456789!?.,;:*-_+#&@$% ")
    return {_folded(each) for each in (lowered, trimmed, trimmed.translate(_LOOKALIKES))}


def _is_mostly(password: str, part: str) -> bool:
    """Whether without `part` fewer than four characters of its own are left."""
    left = password.replace(part, "")
    return part in password and len(left.strip("0123456789")) < 4


def _folded(text: str) -> str:
    return search_key(text).replace(" ", "")
