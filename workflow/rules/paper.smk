rule table:
    input:
        unaltered_files,
        lambda wildcards: records(wildcards.study, *TABLED),
    output:
        cells=report(f"{STUDY}/table.csv", caption="../report/table.rst", category="{study}"),
        runs=f"{STUDY}/runs.csv",
        metrics=f"{STUDY}/metrics.json",
        summary=directory(f"{STUDY}/summary"),
    log:
        "logs/table/{study}.log",
    conda:
        "../envs/cxv.yaml"
    resources:
        mem_mb=more(1500),
        runtime=more(30),
    params:
        spec=lambda wildcards: PARAMS.only(wildcards.study).canonical(),
        code=table.code(),
        stale=shown_stale,
    shell:
        "keep_log {log:q}; python -m cxv table {params.spec:q} --results results"
        " --cells {output.cells} --listing {output.runs} --metrics {output.metrics}"
        " --summary {output.summary} 2>> {log}"


rule model_summary:
    input:
        unaltered("model_summary", "network"),
    output:
        "results/model_summaries/{network}.json",
    log:
        "logs/model_summary/{network}.log",
    conda:
        "../envs/cxv.yaml"
    resources:
        mem_mb=more(2000),
        runtime=more(30),
    params:
        spec=settings_of("model_summary", "network"),
        code=code_of("model_summary", "network"),
        rerun_on=rerun_on("model_summary", "network"),
    shell:
        "keep_log {log:q}; python -m cxv model_summary {params.spec:q} --code {params.code} --out {output} 2>> {log}"


rule counts:
    input:
        unaltered("counts"),
    output:
        "results/counts/networks.json",
    log:
        "logs/counts.log",
    conda:
        "../envs/cxv.yaml"
    resources:
        mem_mb=more(2000),
        runtime=more(30),
    params:
        spec=lambda wildcards: only_job("counts").identity,
        code=code_of("counts"),
        rerun_on=rerun_on("counts"),
    shell:
        "keep_log {log:q}; python -m cxv counts {params.spec:q} --code {params.code} --out {output} 2>> {log}"


rule examples:
    input:
        unaltered("examples", "examples"),
        images=lambda wildcards: images_of(examples_of(wildcards)),
        manifest=lambda wildcards: manifest_of(examples_of(wildcards)),
    output:
        "results/examples/{examples}.json",
    log:
        "logs/examples/{examples}.log",
    conda:
        "../envs/cxv.yaml"
    resources:
        mem_mb=more(2000),
        runtime=more(30),
    params:
        spec=settings_of("examples", "examples"),
        code=code_of("examples", "examples"),
        rerun_on=rerun_on("examples", "examples"),
    shell:
        "keep_log {log:q}; python -m cxv examples {params.spec:q} --code {params.code}"
        " --images {input.images} --manifest {input.manifest} --out {output} 2>> {log}"


rule report:
    input:
        unaltered_files,
        lambda wildcards: records(wildcards.study, *TABLED),
        lambda wildcards: records(wildcards.study, *SHOWN_IN_REPORT),
        f"{STUDY}/table.csv",
        paper=files_of_paper(),
        manifests=lambda wildcards: manifests_of_own_photos(wildcards.study),
        templates=TEMPLATES,
    output:
        html=report(f"{STUDY}/report.html", caption="../report/report.rst", category="{study}"),
        markdown=f"{STUDY}/report.md",
        figures=directory(f"{STUDY}/figures"),
        numbers=f"{STUDY}/paper.csv",
        tex=f"{STUDY}/report.tex",
        tables=directory(f"{STUDY}/tables"),
        stamp=f"{STUDY}/stamp.json",
        seal=f"{STUDY}/seal.json",
    log:
        "logs/report/{study}.log",
    conda:
        "../envs/cxv.yaml"
    resources:
        mem_mb=more(2000),
        runtime=more(60),
    params:
        spec=lambda wildcards: PARAMS.only(wildcards.study).canonical(),
        code=report_of.code(),
        stale=shown_stale,
    shell:
        "keep_log {log:q}; python -m cxv report {params.spec:q} --results results"
        " --data data/raw --out results/studies/{wildcards.study} 2>> {log}"
