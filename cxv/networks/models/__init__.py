"""Families of networks: a frozen description that builds itself, and the paper's rows."""
