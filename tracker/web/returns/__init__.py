"""Devices that come back: expected, labelled, taken in at the desk."""
