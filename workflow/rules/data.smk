rule fetch:
    input:
        unaltered_dataset,
    output:
        images="data/raw/{dataset}/images.pt",
        manifest="data/raw/{dataset}/manifest.json",
    log:
        "logs/fetch/{dataset}.log",
    conda:
        "../envs/cxv.yaml"
    resources:
        mem_mb=more(2000),
        runtime=more(120),
    params:
        # Of a function of the output, Snakemake does not compare the value: photos may move.
        spec=lambda wildcards, output: PARAMS.datasets[wildcards.dataset].canonical(),
        meaning=lambda wildcards: wherever(PARAMS.datasets[wildcards.dataset]).canonical(),
        photos=photos_of,
        code=lambda wildcards: fetch.code(PARAMS.datasets[wildcards.dataset]),
    shell:
        "keep_log {log:q}; python -m cxv fetch {params.spec:q} --images {output.images}"
        " --manifest {output.manifest} 2>> {log}"
