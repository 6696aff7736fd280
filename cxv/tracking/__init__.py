"""What MLflow shows of runs."""
