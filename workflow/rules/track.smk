rule track:
    log:
        "logs/track.log",
    conda:
        "../envs/cxv.yaml"
    shell:
        KEEP_LOG + "python -m cxv track --runs results/runs 2>> {log}"
