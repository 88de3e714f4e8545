"""Loan agreements as PDF: the paper form with a code on each page, the signed one with its evidence."""
