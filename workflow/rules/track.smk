rule track:
    log:
        "logs/track.log",
    conda:
        "../envs/cxv.yaml"
    shell:
        "sh {KEEP_LOG:q} {log:q}; python -m cxv track --runs results/runs 2>> {log}"
