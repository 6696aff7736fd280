rule config_search:
    input:
        unaltered("config_search", "row"),
    output:
        "results/config_search/{row}.json",
    log:
        "logs/config_search/{row}.log",
    conda:
        "../envs/cxv.yaml"
    resources:
        mem_mb=more(2000),
        runtime=more(60),
    params:
        spec=settings_of("config_search", "row"),
        code=code_of("config_search", "row"),
        rerun_on=rerun_on("config_search", "row"),
    shell:
        "keep_log {log:q}; python -m cxv config_search {params.spec:q} --code {params.code} --out {output} 2>> {log}"
