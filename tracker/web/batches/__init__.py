"""Batches for partners: filled at a desk, sent, what became of each device, the proof (U1)."""
