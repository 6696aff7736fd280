rule track:
    log:
        "logs/track.log",
    conda:
        "../envs/cxv.yaml"
    shell:
        "keep_log {log:q}; python -m cxv track --runs results/runs 2>> {log}"
