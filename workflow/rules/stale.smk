# Which code a record is made by, and which makes it again: the policy `stale` of params.yaml.


def code_of(kind, wildcard=None):
    """Return a function from wildcards to the hash of the code that makes a record.

    Snakemake compares no param that is derived from an output: ``rerun_on`` decides.
    """
    return lambda wildcards, output: asked(kind, wildcards, wildcard).code


def rerun_on(kind, wildcard=None):
    """Return a function from wildcards to the hash of code whose change makes a record again."""

    def code(wildcards):
        job = asked(kind, wildcards, wildcard)
        forced = workflow.is_main_process and altered.is_forced(workflow, kind, job)
        return job.code if forced else rerun_code(job, Path("results"), PARAMS.stale)

    return code


def shown_stale(wildcards):
    """Return the records that a study's table and report show although other code made them."""
    return kept_stale(JOBS[wildcards.study], Path("results"), PARAMS.stale)
