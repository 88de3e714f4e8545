"""Loan agreements as PDF, on paper with a code on each page and signed with evidence; receipts of returns."""

from tracker.documents.agreements import Evidence, Named, Text, digest_of, page_count, paper_forms, signed_agreement
from tracker.documents.returns import ReturnReceipt, return_receipt
from tracker.documents.words import Contacts, Words, default_texts, default_words

__all__ = [
    "Contacts",
    "Evidence",
    "Named",
    "ReturnReceipt",
    "Text",
    "Words",
    "default_texts",
    "default_words",
    "digest_of",
    "page_count",
    "paper_forms",
    "return_receipt",
    "signed_agreement",
]
