"""Carriers behind one small interface: our own label, or Colissimo and Chronopost through karrio (an extra)."""
