"""Loan agreements as PDF, on paper with a code on each page and signed with evidence; records of stocktakes."""

from tracker.documents.agreements import Evidence, Named, Text, digest_of, page_count, paper_forms, signed_agreement
from tracker.documents.stocktakes import Listing, StocktakeRecord, stocktake_record
from tracker.documents.words import Contacts, Words, default_texts, default_words
from tracker.typesetting import PageCaptions

__all__ = [
    "Contacts",
    "Evidence",
    "Listing",
    "Named",
    "PageCaptions",
    "StocktakeRecord",
    "Text",
    "Words",
    "default_texts",
    "default_words",
    "digest_of",
    "page_count",
    "paper_forms",
    "signed_agreement",
    "stocktake_record",
]
