rule forensics:
    output:
        f"{FORENSICS}/{{row}}.json",
    log:
        "logs/forensics/{row}.log",
    conda:
        "../envs/cxv.yaml"
    params:
        spec=lambda wildcards: search_of(wildcards).canonical(),
        code=lambda wildcards: code_hash.of_forensics(search_of(wildcards)),
    shell:
        "python -m cxv forensics {params.spec:q} --code {params.code} --out {output} 2> {log}"
