# The grid of params.yaml as a DAG: dataset -> chain of phases -> profile -> table -> report.
# Targets: the studies of params.yaml, `all` (the paper's), `track`.
from snakemake.utils import min_version

min_version("9.27")


include: "workflow/rules/common.smk"
include: "workflow/rules/stale.smk"
include: "workflow/rules/altered.smk"
include: "workflow/rules/hooks.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/profile.smk"
include: "workflow/rules/config_search.smk"
include: "workflow/rules/paper.smk"
include: "workflow/rules/track.smk"


# Here, as Snakemake forgets the default target of an included file.
for study in STUDIES:

    rule:
        name:
            study
        default_target: study == PARAMS.study
        input:
            made_for(study),
            expand([*rules.table.output, *rules.report.output], study=study),

    rule:
        name:
            f"{study}_data"
        input:
            manifests_of(study),

    rule:
        name:
            f"{study}_profiles"
        input:
            records(study, "profile"),

    rule:
        name:
            f"{study}_runs"
        input:
            made_for(study),


# A target that is neither a study nor a file of one.
rule unknown:
    input:
        refuse_unknown,
    output:
        "{unknown}",


onstart:
    refuse_touch(workflow)
    last_good.remove_unfinished(workflow.dag.needrun_jobs())
    withdraw_outdated(workflow)
    altered.refuse_lost()
    note_trainings(workflow)
    retries.note_former_attempts(workflow.dag.needrun_jobs())
    tell_what_can_be_pulled()
    tell_what_is_under_way(workflow)


onsuccess:
    last_good.put_back([])
    show_in_mlflow()
    keep_provenance()
    tell_what_was_found(workflow)
    commit_to_dvc(workflow)


onerror:
    last_good.put_back(workflow.dag.needrun_jobs())
    if not interruptions.interrupted.is_set():  # after Ctrl-C, the next command does it
        show_in_mlflow()
        keep_provenance()
