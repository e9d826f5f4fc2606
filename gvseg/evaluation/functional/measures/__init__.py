"""Pure measures: counts and matches per video or frame, and the scores computed from them."""
