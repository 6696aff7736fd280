rule track:
    log:
        "logs/track.log",
    conda:
        "../envs/cxv.yaml"
    shell:
        "keep_log {log:q}; python -m cxv track --results results --data data/raw 2>> {log}"
