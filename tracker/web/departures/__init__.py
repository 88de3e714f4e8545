"""Pupils who leave: what becomes of their devices."""
