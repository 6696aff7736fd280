rule table:
    input:
        lambda wildcards: records_of(wildcards.study),
    output:
        cells=report(f"{STUDY}/table.csv", caption="../report/table.rst", category="{study}"),
        runs=f"{STUDY}/runs.csv",
        metrics=f"{STUDY}/metrics.json",
    log:
        "logs/table/{study}.log",
    conda:
        "../envs/cxv.yaml"
    params:
        spec=lambda wildcards: PARAMS.only(wildcards.study).canonical(),
        code=code_hash.fingerprint("cxv.results.table", "cxv.report.exports"),
    shell:
        "python -m cxv table {params.spec:q} --runs results/runs --profiles results/profiles"
        " --cells {output.cells} --listing {output.runs} --metrics {output.metrics} 2> {log}"


rule outline:
    output:
        f"{OUTLINES}/{{sketch}}.json",
    log:
        "logs/outline/{sketch}.log",
    conda:
        "../envs/cxv.yaml"
    params:
        spec=lambda wildcards: sketch_of(wildcards).canonical(),
        code=lambda wildcards: code_hash.of_outline(sketch_of(wildcards)),
    shell:
        "python -m cxv outline {params.spec:q} --code {params.code} --out {output} 2> {log}"


rule counts:
    output:
        COUNTS,
    log:
        "logs/counts.log",
    conda:
        "../envs/cxv.yaml"
    params:
        spec=COUNTED.canonical(),
        code=code_hash.of_counts(COUNTED),
    shell:
        "python -m cxv counts {params.spec:q} --code {params.code} --out {output} 2> {log}"


rule examples:
    input:
        images=lambda wildcards: images_of(examples_of(wildcards)),
        manifest=lambda wildcards: manifest_of(examples_of(wildcards)),
    output:
        f"{EXAMPLES}/{{examples}}.json",
    log:
        "logs/examples/{examples}.log",
    conda:
        "../envs/cxv.yaml"
    params:
        spec=lambda wildcards: examples_of(wildcards).canonical(),
        code=lambda wildcards: code_hash.of_examples(examples_of(wildcards)),
    shell:
        "python -m cxv examples {params.spec:q} --code {params.code}"
        " --images {input.images} --manifest {input.manifest} --out {output} 2> {log}"


rule report:
    input:
        lambda wildcards: records_of(wildcards.study),
        lambda wildcards: forensics_of(wildcards.study),
        lambda wildcards: drawn_of(wildcards.study),
        f"{STUDY}/table.csv",
        paper=sorted(path for path in Path(PAPER).iterdir() if path.suffix in {".csv", ".yaml"}),
        templates=sorted(Path("cxv/report/templates").iterdir()),
    output:
        html=report(f"{STUDY}/report.html", caption="../report/report.rst", category="{study}"),
        markdown=f"{STUDY}/report.md",
        figures=directory(f"{STUDY}/figures"),
        numbers=f"{STUDY}/paper.csv",
        tex=f"{STUDY}/report.tex",
        tables=directory(f"{STUDY}/tables"),
    log:
        "logs/report/{study}.log",
    conda:
        "../envs/cxv.yaml"
    params:
        spec=lambda wildcards: PARAMS.only(wildcards.study).canonical(),
        code=code_hash.of_report(),
    shell:
        "python -m cxv report {params.spec:q} --runs results/runs --profiles results/profiles"
        f" --forensics {FORENSICS} --outlines {OUTLINES} --examples {EXAMPLES} --counts {COUNTS} --paper {PAPER}"
        " --out results/studies/{wildcards.study} 2> {log}"
