"""A study as an RO-Crate: report, records, workflow, licences, and a program that checks them."""
