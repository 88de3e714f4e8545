"""Labels, slips and test codes as PDF."""
