"""An endpoint's capacity as plain values; no document, no solver."""
