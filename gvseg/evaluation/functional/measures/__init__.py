"""Pure measures: counts and matches of one video or frame, and the numbers of many."""
