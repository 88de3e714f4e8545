"""Papers as PDF: agreements on paper and signed, receipts of returns, records of stocktakes; each with its code."""

from tracker.documents.agreements import Evidence, Named, Text, digest_of, page_count, paper_forms, signed_agreement
from tracker.documents.returns import ReturnReceipt, return_receipt
from tracker.documents.stocktakes import Listing, StocktakeRecord, stocktake_record
from tracker.documents.words import Contacts, Words, default_texts, default_words
from tracker.typesetting import PageCaptions

__all__ = [
    "Contacts",
    "Evidence",
    "Listing",
    "Named",
    "PageCaptions",
    "ReturnReceipt",
    "StocktakeRecord",
    "Text",
    "Words",
    "default_texts",
    "default_words",
    "digest_of",
    "page_count",
    "paper_forms",
    "return_receipt",
    "signed_agreement",
    "stocktake_record",
]
