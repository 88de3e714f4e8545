"""Long work as its page shows it, within the schools of the person who asks."""

from tracker.models.work import Work
from tracker.queries.scope import within
from tracker.rules.access import Scope
from tracker.rules.work import WorkKind


def visible_work(work_id: int, scope: Scope) -> Work | None:
    """A piece of work of one of the person's schools; one for all schools is seen by who sees all."""
    return Work.select().where(Work.id == work_id, within(scope, Work.school)).first()


def newest_work(kinds: tuple[WorkKind, ...], subject: int) -> Work | None:
    """The last piece of work of these kinds that was asked for a subject."""
    listed = [kind.value for kind in kinds]
    rows = Work.select().where(Work.kind.in_(listed), Work.subject == subject)
    return rows.order_by(Work.id.desc()).first()
