# What a command does before its first job and after its last.

OF_TABLE = ("table.csv", "runs.csv", "metrics.json", "summary")
OF_REPORT = (
    *("report.html", "report.md", "report.tex", "paper.csv", "stamp.json", "seal.json"),
    *("figures", "tables"),
)


def refuse_touch(workflow):
    if workflow.touch:
        raise WorkflowError("--touch would call results up to date that other settings made")


def withdraw_outdated(workflow):
    """Withdraw each study's tables and reports that depend on a record about to be remade.

    Should its run fail before they are remade, no table is left that shows the old number. They are
    put back if all records that they show are still those, and nothing was altered.
    """
    remade = {path for job in workflow.dag.needrun_jobs() for path in job.output}
    for folder in Path("results/studies").glob("*"):
        table = folder / "table.csv"
        # a table names no profile of what is measured alone
        also = records(folder.name, "profile", *SHOWN_IN_REPORT) if folder.name in STUDIES else []
        # where the table is gone, its report may show any run
        runs = records(folder.name, "train") if folder.name in STUDIES else []
        shown = snakemake_metadata.sources(table) or {*runs, *also}
        if str(table) in remade or shown & remade:
            withdraw(folder, OF_TABLE, shown)
            withdraw(folder, OF_REPORT, [*shown, *also])
        elif remade.intersection(also):
            withdraw(folder, OF_REPORT, [*shown, *also])


def withdraw(folder, names, shown):
    # a chain of runs hangs on records that its table does not name
    last_good.withdraw([folder / name for name in names], shown, keep=not altered.found())


def tell_what_can_be_pulled():
    if is_dvc_here() and dvc_lock.awaits_pull(Path("results")):
        UNPULLED.append("results")
        logger.info(
            "dvc.lock lists results that are not here, and stays as it is."
            " `dvc pull` brings them, if they were pushed; `dvc repro` makes them again."
        )


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
            for line in closing_words(Path("results/studies", study)):
                logger.info(line)


def commit_to_dvc(workflow):
    """Let DVC keep what there is of all studies, unless it called this command and does so itself.

    Without the results that the lock lists, what there is would take their place.
    """
    inside_dvc = "DVC_STAGE" in os.environ
    if inside_dvc or UNPULLED or not is_dvc_here():
        return
    if dvc_lock.commit(claimed=is_up_to_date(workflow)):
        share(store_near(Path("results")))
        if files := dvc_lock.not_in_git():
            logger.info("DVC keeps data/raw and results. For git to know them:")
            logger.info(f"  git add {' '.join(files)} && git commit")


def is_dvc_here():
    return Path(".dvc").is_dir() and shutil.which("dvc") is not None


def is_up_to_date(workflow):
    """Tell whether the study that `dvc repro` would make is made, whole and as asked."""
    asked = workflow.dag_settings
    whole = not (asked.until or asked.omit_from or asked.batch)
    if settings_text() != PLANNED:  # edited since
        return False
    if whole and PARAMS.study in (asked.targets or [PARAMS.study]):
        return True
    return dvc_lock.claims() and dvc_lock.nothing_to_do(PARAMS.study)
