"""Peewee tables, their keys and constraints; no behaviour beyond small properties."""
