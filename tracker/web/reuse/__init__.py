"""The second life of devices: triage, batches, the year's report."""
