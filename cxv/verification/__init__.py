"""Hold what a study shows against its seals, records, weights, and second trainings."""
