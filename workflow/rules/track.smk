rule track:
    log:
        "logs/track.log",
    conda:
        "../envs/cxv.yaml"
    resources:
        mem_mb=more(2000),
        runtime=more(60),
    shell:
        "keep_log {log:q}; python -m cxv track --results results --data data/raw 2>> {log}"
