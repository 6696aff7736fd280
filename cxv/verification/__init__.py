"""Hold what a study shows against what lies deeper: seals, records, weights, a second training."""
