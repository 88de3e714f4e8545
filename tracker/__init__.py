"""Tracker follows every laptop and 4G hotspot lent to pupils, from the pallet to the pupil and back."""
