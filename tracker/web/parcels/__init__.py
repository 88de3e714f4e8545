"""Parcels: prepared, labelled, sent, received."""
