"""Stocktakes: a place counted by scanning, its differences resolved."""
