"""What was found: records, differences, curves, and the table of a study."""
