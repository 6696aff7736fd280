rule profile:
    input:
        unaltered("profile", "profile"),
        manifest=lambda wildcards: manifest_of(profile_of(wildcards)),
    output:
        f"{PROFILE}/profile.json",
    log:
        "logs/profile/{profile}.log",
    priority: 1  # trainings that share a GPU ask these records how much of it they need
    conda:
        "../envs/cxv.yaml"
    threads: machine.threads_of_a_profile(workflow.resource_settings.cores)
    resources:
        mem_mb=more(3000),
        runtime=more(30),
        gpu=1,
    params:
        spec=settings_of("profile", "profile"),
        code=code_of("profile", "profile"),
        rerun_on=rerun_on("profile", "profile"),
    shell:
        "keep_log {log:q}; python -m cxv profile {params.spec:q} --code {params.code}"
        " --manifest {input.manifest} --out {output} 2>> {log}"
