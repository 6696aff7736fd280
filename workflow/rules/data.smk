rule fetch:
    output:
        images="data/raw/{dataset}/images.pt",
        manifest="data/raw/{dataset}/manifest.json",
    log:
        "logs/fetch/{dataset}.log",
    conda:
        "../envs/cxv.yaml"
    params:
        spec=lambda wildcards: PARAMS.datasets[wildcards.dataset].canonical(),
        code=fingerprint.fingerprint("cxv.data.sources:fetch"),
    shell:
        "python -m cxv fetch {params.spec:q} --images {output.images}"
        " --manifest {output.manifest} 2> {log}"
