# Input functions without files, by which altered outputs are made again.


def unaltered(kind, wildcard=None):
    """Return an input function without files: it has a record that was altered made again."""

    def look(wildcards):
        job = asked(kind, wildcards, wildcard)
        if workflow.is_main_process:
            altered.make_record_again(workflow, kind, job)
        return []

    return look


def unaltered_files(wildcards):
    """The same for the table and the report of a study."""
    if workflow.is_main_process:
        altered.make_report_again(workflow, Path("results/studies", wildcards.study))
    return []


def unaltered_dataset(wildcards):
    """The same for a dataset."""
    if workflow.is_main_process:
        altered.fetch_again(workflow, Path("data/raw", wildcards.dataset))
    return []
