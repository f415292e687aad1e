"""Judging: what stood, what stands and what consumers rely on, and the proof of a break; no word of it is told here."""
