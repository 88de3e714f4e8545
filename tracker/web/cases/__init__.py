"""Breakdown, damage, loss and theft: declared, decided, settled."""
