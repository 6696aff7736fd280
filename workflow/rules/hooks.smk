# What a command does before its first job and after its last.


def refuse_touch(workflow):
    if workflow.touch:
        raise WorkflowError("--touch would call results up to date that other settings made")


def withdraw_outdated(workflow):
    """Remove each study's tables and reports that depend on a record about to be remade.

    Should its run fail before they are remade, no table is left that shows the old number.
    """
    remade = {path for job in workflow.dag.needrun_jobs() for path in job.output}
    for study in STUDIES:
        if remade.intersection(
            records(study, "profile", *SHOWN_IN_REPORT)
        ):  # a table names no profile of what is measured alone
            withdraw_report(Path("results/studies", study))
    for table in Path("results/studies").glob("*/table.csv"):
        if str(table) in remade or snakemake_metadata.sources(table) & remade:
            for name in ("table.csv", "runs.csv", "metrics.json"):
                table.with_name(name).unlink(missing_ok=True)
            withdraw_report(table.parent)


def withdraw_report(folder):
    for name in ("report.html", "report.md", "report.tex", "paper.csv", "seal.json"):
        folder.joinpath(name).unlink(missing_ok=True)
    for name in ("figures", "tables"):
        shutil.rmtree(folder / name, ignore_errors=True)


def tell_what_is_under_way(workflow):
    """Name the processes, orphans of a killed command as a rule, whose results this one awaits."""
    planned = {wildcard for job in workflow.dag.needrun_jobs() for wildcard in job.wildcards}
    for line in interruptions.orphans(planned, Path("results")):
        logger.info(line)


def note_trainings(workflow):
    """Keep which runs this command trains, and those of an interrupted one: MLflow is to show them."""
    planned = {job.wildcards.run for job in workflow.dag.needrun_jobs() if job.rule.name == "train"}
    TRAINED.extend(sorted(planned.union(interruptions.untold()) & KNOWN["train"].keys()))
    if TRAINED:
        interruptions.remember_untold(TRAINED)


def show_in_mlflow():
    """Bring MLflow up to date with the runs of this command: curves, pictures, registered models."""
    if TRAINED:
        with open("logs/track.log", "w") as log:
            command = [sys.executable, "-m", "cxv", "track", "--results", "results", *TRAINED]
            done = subprocess.run(command, stderr=log, check=False)
        if done.returncode == 0:
            interruptions.forget_untold()


def keep_provenance():
    snakemake_metadata.save(VERSIONED)


def tell_what_was_found(workflow):
    for study in workflow.dag_settings.targets or [PARAMS.study]:
        if study in STUDIES:
            for line in outcome.lines(Path("results/studies", study)):
                logger.info(line)


def commit_to_dvc(workflow):
    """Tell DVC that the study which `dvc repro` would make has just been made, whole and as asked."""
    asked = workflow.dag_settings
    whole = not (asked.until or asked.omit_from or asked.batch)
    made = whole and PARAMS.study in (asked.targets or [PARAMS.study])
    unedited = settings_text() == PLANNED
    inside_dvc = "DVC_STAGE" in os.environ
    if made and unedited and not inside_dvc and Path(".dvc").is_dir() and shutil.which("dvc"):
        subprocess.run(["dvc", "commit", "--force", "--quiet"], check=False)
        share(store_near(Path("results")))
