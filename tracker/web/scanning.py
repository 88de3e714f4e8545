"""Scanning by itself: frames for the server's decoder, the scanner's test page, the rules of label reading."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, flash, jsonify, request, url_for
from flask_babel import gettext as _
from wtforms import BooleanField, SelectField, SelectMultipleField, StringField, TextAreaField, widgets
from wtforms.validators import DataRequired, Length

from tracker.models.scans import CodeRule
from tracker.operations import code_rules
from tracker.queries.code_rules import checked, edited_rules, rules_in_force
from tracker.queries.scanned import ScannedText, classified
from tracker.rules.access import Permission
from tracker.rules.refusals import Refused
from tracker.scanning import Effort, Symbol, Symbology, UnreadableImage, engines_available, read
from tracker.scanning.classification import Classified, CodeKind, LabelRule, RuleInvalid, classify, default_rules
from tracker.scanning.keyboard import repair
from tracker.scanning.label_checks import CHECKS
from tracker.web.access import current_actor, requires
from tracker.web.desks.readings import scanned_texts
from tracker.web.destinations import see_other
from tracker.web.forms import SentForm
from tracker.web.limits import FRAMES, limiter, person, photos
from tracker.web.render import page
from tracker.web.scan_words import check_words, rule_words
from tracker.web.sentences import WORDS, refusal_sentence, words

bp = Blueprint("scanning", __name__, url_prefix="/scan")

FRAME_BUDGET_MS = 800
MOST_PASTED = 200


@bp.post("/frame")
@requires(Permission.HAND_OVER)
@limiter.limit(FRAMES, key_func=person)
def frame() -> tuple[Response, int] | Response:
    """All symbols of one camera frame, for the page that could not read it itself."""
    sent = request.files.get("frame")
    try:
        found = read(sent.read() if sent else b"", budget_ms=FRAME_BUDGET_MS, effort=Effort.FULL)
    except UnreadableImage as error:
        return jsonify(error=error.reason, message=refusal_sentence(Refused(f"photo_{error.reason}"))), 422
    rules = rules_in_force()
    return jsonify(symbols=[_symbol(symbol, classify(symbol, rules=rules)) for symbol in found.symbols])


def _symbol(symbol: Symbol, code: Classified) -> dict[str, Any]:
    text = "" if code.kind is CodeKind.WIFI else symbol.text
    return {
        "text": text,
        "symbology": symbol.symbology,
        "corners": symbol.corners,
        "kind": code.kind,
        "value": code.value,
    }


@dataclass(frozen=True)
class Understood:
    """One thing received on the test page, and what it was taken for."""

    received: str
    symbology: str
    repaired: str
    layout: str
    code: Classified


@bp.get("/test")
@requires(Permission.HAND_OVER)
def test() -> Response:
    """Ten seconds to see whether scanner, camera and layout are right."""
    return page("scanning/test.html", understood=None, engines=engines_available())


@bp.post("/test")
@requires(Permission.HAND_OVER)
@photos
def understand() -> Response:
    """What was received and what it was taken for; nothing is recorded."""
    rules = rules_in_force()
    found = [_understood(scanned, rules) for scanned in scanned_texts(request)]
    return page("scanning/test.html", "understood", understood=found, engines=engines_available())


def _understood(scanned: ScannedText, rules: tuple[LabelRule, ...]) -> Understood:
    code = classified([scanned], rules)[0]
    repaired = repair(scanned.text, rules) if not scanned.symbology else None
    text = repaired.text if repaired else scanned.text
    layout = repaired.layout.value if repaired else ""
    return Understood(scanned.text, scanned.symbology or "", text, layout, code)


class RuleForm(SentForm):
    """One rule of label reading."""

    name = StringField(validators=[DataRequired(), Length(max=80)])
    maker = StringField(validators=[Length(max=40)])
    kind = SelectField(validators=[DataRequired()])
    pattern = TextAreaField(validators=[DataRequired(), Length(max=500)], render_kw={"rows": 3, "spellcheck": "false"})
    check = SelectField()
    symbologies = SelectMultipleField(
        option_widget=widgets.CheckboxInput(), widget=widgets.ListWidget(prefix_label=False)
    )
    enabled = BooleanField(default=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.name.label.text, self.maker.label.text = _("Name"), _("Maker")
        self.kind.label.text, self.pattern.label.text = _("What it is"), _("Pattern")
        self.check.label.text, self.symbologies.label.text = _("Check digit"), _("Only in these symbols")
        self.enabled.label.text = _("In force")
        self.pattern.description = _("Regular expression over the whole text; the group (?P<value>…) is what is kept.")
        self.symbologies.description = _("None ticked: any symbol, and typed text.")
        self.kind.choices = [(kind.value, words("code", kind)) for kind in CodeKind if kind is not CodeKind.UNKNOWN]
        self.check.choices = [(name, check_words(name)) for name in ("", *CHECKS)]
        self.symbologies.choices = [(each.value, words("symbology", each)) for each in Symbology]

    def rule(self) -> LabelRule | None:
        """The rule as written, or None with the error beside its field."""
        try:
            return LabelRule.checked(
                self.name.data or "", self.kind.data, self.pattern.data or "", self.maker.data or "",
                self.check.data or "", self.symbologies.data or (),
            )  # fmt: skip
        except RuleInvalid as error:
            self[error.field].errors = [*self[error.field].errors, _fault_words(error)]
            return None


@bp.get("/rules")
@requires(Permission.MANAGE_CODE_RULES)
def rules() -> Response:
    """The rules in their order, and a place to try them."""
    return _rules_page()


@bp.post("/rules/try")
@requires(Permission.MANAGE_CODE_RULES)
def try_codes() -> Response:
    """What each pasted code would be taken for."""
    pasted = request.form.get("codes", "")
    lines = [line.strip() for line in pasted.splitlines() if line.strip()][:MOST_PASTED]
    rules = rules_in_force()
    tried = [_understood(ScannedText(line), rules) for line in lines]
    return _rules_page("tried", pasted=pasted, tried=tried)


def _rules_page(*blocks: str, **context: Any) -> Response:
    edited = edited_rules()
    listed = [_listed(rule) for rule in edited] or [ListedRule(rule) for rule in default_rules()]
    values = {"pasted": "", "tried": None} | context
    return page("scanning/rules.html", *blocks, listed=listed, kinds=WORDS["code"], edited=bool(edited), **values)


@dataclass(frozen=True)
class ListedRule:
    """One rule as the page lists it; `fault` says why it cannot serve and is left out."""

    rule: LabelRule | CodeRule
    enabled: bool = True
    fault: str = ""


def _listed(row: CodeRule) -> ListedRule:
    try:
        return ListedRule(checked(row), row.enabled)
    except RuleInvalid as error:
        return ListedRule(row, row.enabled, _fault_words(error))


def _fault_words(error: RuleInvalid) -> str:
    return words("rule_fault", error.reason.split()[0])


@bp.route("/rules/new", methods=["GET", "POST"], defaults={"position": None})
@bp.route("/rules/<int:position>", methods=["GET", "POST"])
@requires(Permission.MANAGE_CODE_RULES)
def edit_rule(position: int | None) -> Response:
    """One rule, changed or new."""
    form = RuleForm(data=_rule_data(position)) if request.method == "GET" else RuleForm()
    if form.validate_on_submit() and (rule := form.rule()):
        code_rules.save_rule(position, rule, enabled=form.enabled.data, actor=current_actor())
        flash(_("The rule “%(name)s” is saved and in force from the next scan on.", name=rule.name), "success")
        return see_other(url_for("scanning.rules"))
    return page("scanning/rule.html", form=form, position=position, status=422 if form.is_submitted() else 200)


def _rule_data(position: int | None) -> dict[str, Any]:
    if position is None:
        return {"pattern": "(?P<value>)", "kind": CodeKind.SERIAL.value}
    edited = edited_rules()
    if position >= len(edited or default_rules()):
        abort(404)
    if edited:
        row = edited[position].__data__
        return {**row, "symbologies": row["symbologies"].split()}
    default = default_rules()[position]
    return {**vars(default), "name": rule_words(default.name), "enabled": True}


@bp.post("/rules/<int:position>/<any(up, down, remove):action>")
@requires(Permission.MANAGE_CODE_RULES)
def change_order(position: int, action: str) -> Response:
    """Earlier, later, or out."""
    if action == "remove":
        code_rules.remove_rule(position, actor=current_actor())
    else:
        code_rules.move_rule(position, -1 if action == "up" else 1, actor=current_actor())
    return see_other(url_for("scanning.rules"))


@bp.post("/rules/defaults")
@requires(Permission.MANAGE_CODE_RULES)
def restore_defaults() -> Response:
    """Back to the rules that the program comes with."""
    code_rules.restore_defaults(actor=current_actor())
    flash(_("The rules that the program comes with are in force again."), "success")
    return see_other(url_for("scanning.rules"))
