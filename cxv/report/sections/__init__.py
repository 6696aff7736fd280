"""Sections of a report: rows and words for its templates."""
