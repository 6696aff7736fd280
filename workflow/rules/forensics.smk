rule forensics:
    output:
        "results/forensics/{row}.json",
    log:
        "logs/forensics/{row}.log",
    conda:
        "../envs/cxv.yaml"
    params:
        spec=settings_of("forensics", "row"),
        code=code_of("forensics", "row"),
    shell:
        "python -m cxv forensics {params.spec:q} --code {params.code} --out {output} 2> {log}"
