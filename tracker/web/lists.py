"""What every list shares: filters in the address, a keyset page, the count, the files of exactly what is filtered."""

from collections.abc import Container
from dataclasses import dataclass
from typing import Any

import peewee
from flask import request, url_for
from flask_babel import gettext as _

from tracker.queries import pages
from tracker.queries.pages import COUNT_CAP, Order
from tracker.web.export import FORMS
from tracker.web.language import number


@dataclass(frozen=True)
class Listed:
    """One page of a list as its template shows it; `active`: how many filters are set."""

    rows: list[dict[str, Any]]
    count: str
    previous_url: str | None
    next_url: str | None
    exports: dict[str, str]
    reset_url: str | None
    active: int


def chosen(name: str, allowed: Container[str]) -> str:
    """The value of a filter in the address; one that is not a choice counts as none."""
    value = request.args.get(name, "")
    return value if value in allowed else ""


def typed(name: str) -> str:
    """The text of a filter in the address, of a sensible length."""
    return request.args.get(name, "").strip()[:100]


def in_address(filters: Any) -> dict[str, Any]:
    """The filters that are set, under their names in an address."""
    values = dict(vars(filters))
    if "class_name" in values:
        values["class"] = values.pop("class_name")
    return {name: value for name, value in values.items() if value}


def listed(
    blueprint: str, order: Order, matching: peewee.ModelSelect, shown: peewee.ModelSelect, filters: dict[str, Any],
    *, index: str = "index", export: str = "export_list", **at: Any,
) -> Listed:  # fmt: skip
    """The page that the address asks for. `matching` counts the rows, `shown` has their columns. Two queries.

    `index`, `export`: the views that show the list and its files; `at`: what their addresses name besides the filters.
    """
    index, active = f"{blueprint}.{index}", at | {name: value for name, value in filters.items() if value}
    found = pages.page(shown, order, after=request.args.get("after"), before=request.args.get("before"))
    return Listed(
        rows=found.rows,
        count=count_words(pages.count(matching)),
        previous_url=url_for(index, before=found.before, **active) if found.before else None,
        next_url=url_for(index, after=found.after, **active) if found.after else None,
        exports={form: url_for(f"{blueprint}.{export}", form=form, **active) for form in FORMS},
        reset_url=url_for(index, **at) if len(active) > len(at) else None,
        active=len(active) - len(at),
    )


def count_words(count: int) -> str:
    """The count as people read it; beyond the cap only that there are more."""
    return number(count) if count <= COUNT_CAP else _("%(count)s+", count=number(COUNT_CAP))


def yes_no(any_label: str, yes_label: str, no_label: str) -> list[tuple[str, str]]:
    """The options of a filter that is answered by yes or no."""
    return [("", any_label), ("yes", yes_label), ("no", no_label)]
