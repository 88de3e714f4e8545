"""Loan agreements: their text in versions, the invitations to sign, the printed pages and the scans of them."""

from peewee import BooleanField, CharField, FixedCharField, ForeignKeyField, IntegerField, JSONField, TextField

from tracker.models.database import Table, UtcDateTimeField, one_of
from tracker.models.mail import OutboxMail
from tracker.models.pupils import Guardian, Pupil
from tracker.models.schools import School
from tracker.rules.agreements import AgreementState, SignedBy


class AgreementText(Table):
    """One version of the agreement's text, never changed; `digest` is the SHA-256 of both languages (A2).

    `pages`: of the paper form.
    """

    version = IntegerField(unique=True)
    french = TextField()
    english = TextField()
    digest = FixedCharField(max_length=64)
    pages = IntegerField()
    published_at = UtcDateTimeField()
    published_by = IntegerField(null=True)


class Agreement(Table):
    """The loan agreement of one pupil for one school year (A1 to A4), with the proof of its signature (A2).

    `evidence`: who signed, in which quality, from which address, when the code was sent and confirmed.
    """

    pupil = ForeignKeyField(Pupil, backref="agreements", on_delete="CASCADE", index=False)
    school_year = IntegerField()
    state = CharField(max_length=12, constraints=[one_of("state", AgreementState)])
    sent_at = UtcDateTimeField(null=True)
    signed_at = UtcDateTimeField(null=True)
    validated_at = UtcDateTimeField(null=True)
    text = ForeignKeyField(AgreementText, null=True)
    signed_by = CharField(max_length=12, null=True, constraints=[one_of("signed_by", SignedBy)])
    evidence = JSONField(null=True)
    document = CharField(max_length=80, null=True)
    document_digest = CharField(max_length=64, null=True)
    printed_at = UtcDateTimeField(null=True)
    decided_by = IntegerField(null=True)
    decided_at = UtcDateTimeField(null=True)
    refusal = CharField(max_length=300, null=True)

    class Meta:
        indexes = ((("pupil", "school_year"), True), (("school_year", "state"), False))


class Invitation(Table):
    """One request to sign, to one address: its personal link, what was seen, the code sent to confirm (A1, A2).

    `guardian` is empty for a pupil of age. `nonce` makes the link unique and dies with it; `code_digest` is of the
    six figures that were mailed, never the figures. `codes`: how many were mailed since `codes_from`.
    """

    agreement = ForeignKeyField(Agreement, backref="invitations", on_delete="CASCADE")
    guardian = ForeignKeyField(Guardian, null=True, on_delete="SET NULL")
    recipient = CharField(max_length=254)
    reminder = BooleanField(default=False)
    nonce = CharField(max_length=40, unique=True)
    created_at = UtcDateTimeField()
    expires_at = UtcDateTimeField()
    mail = ForeignKeyField(OutboxMail, null=True, backref="invitations", on_delete="SET NULL")
    seen_at = UtcDateTimeField(null=True)
    used_at = UtcDateTimeField(null=True)
    signer = CharField(max_length=100, default="")
    code_digest = CharField(max_length=64, default="")
    code_sent_at = UtcDateTimeField(null=True)
    code_attempts = IntegerField(default=0)
    codes = IntegerField(default=0)
    codes_from = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("recipient", "created_at"), False),)


class AgreementPage(Table):
    """The code of one printed page of one pupil's agreement; printed again, the page keeps its code (A3)."""

    code = CharField(max_length=12, unique=True)
    agreement = ForeignKeyField(Agreement, backref="pages", on_delete="CASCADE", index=False)
    text = ForeignKeyField(AgreementText, index=False)
    number = IntegerField()

    class Meta:
        indexes = ((("agreement", "text", "number"), True),)


class ScanPile(Table):
    """One uploaded file of scanned agreements, of one to two hundred pages, any pupils, any order (A3)."""

    school = ForeignKeyField(School, backref="piles")
    file_name = CharField(max_length=200)
    file = CharField(max_length=80, null=True)
    digest = FixedCharField(max_length=64)
    uploaded_by = IntegerField(null=True)
    uploaded_at = UtcDateTimeField()


class ScannedPage(Table):
    """One page of a pile: filed under an agreement by its code or by hand (`filed_by`), set aside, or still unread."""

    pile = ForeignKeyField(ScanPile, backref="pages", on_delete="CASCADE", index=False)
    number = IntegerField()
    image = CharField(max_length=80)
    agreement = ForeignKeyField(Agreement, null=True, backref="scans", on_delete="SET NULL")
    page_number = IntegerField(null=True)
    filed_at = UtcDateTimeField(null=True)
    filed_by = IntegerField(null=True)
    set_aside = BooleanField(default=False)
    note = CharField(max_length=40, default="")

    class Meta:
        indexes = ((("pile", "number"), True),)
