rule train:
    input:
        unaltered("train", "run"),
        images=lambda wildcards: images_of(run_of(wildcards)),
        manifest=lambda wildcards: manifest_of(run_of(wildcards)),
        parent=of_parent("metrics.json"),
        weights=lambda wildcards: ancient(of_parent("checkpoint.pt")(wildcards)),  # its SHA-256 is in metrics.json
    output:
        metrics=f"{RUN}/metrics.json",
        history=f"{RUN}/history.csv",
        timing=f"{RUN}/timing.csv",
        answers=f"{RUN}/answers.npz",
        predictions=f"{RUN}/predictions.npz",
        checkpoint=f"{RUN}/checkpoint.pt",
    log:
        "logs/train/{run}.log",
    retries: RETRIES  # a spot instance or a time limit of Slurm ends a job with a signal: it resumes
    conda:
        "../envs/cxv.yaml"
    threads: PARAMS.training.cpu_threads
    resources:
        gpu=gpus_of_a_training,
        mem_mb=lambda wildcards: asked_by(wildcards).mb * tries_of(wildcards),
        runtime=lambda wildcards: asked_by(wildcards).minutes * tries_of(wildcards),
        profile=profile_for,
        checkpoint_seconds=PARAMS.checkpoint_seconds,
        # no params: of the two, a device uses one, and an edit of the other must not train again
        autocast_cuda=PARAMS.training.autocast_cuda,
        autocast_cpu=PARAMS.training.autocast_cpu,
        experiment=lambda wildcards: EXPERIMENTS[wildcards.run],  # no param: where MLflow shows a run must not train it again
    params:
        spec=settings_of("train", "run"),
        code=code_of("train", "run"),
        rerun_on=rerun_on("train", "run"),
    shell:
        "keep_log {log:q}; python -m cxv train {params.spec:q} --code {params.code}"
        " --images {input.images} --manifest {input.manifest}"
        " --parent {input.parent} --weights {input.weights}"
        " --metrics {output.metrics} --history {output.history} --timing {output.timing}"
        " --answers {output.answers} --predictions {output.predictions}"
        " --checkpoint {output.checkpoint}"
        " --autocast-cuda {resources.autocast_cuda} --autocast-cpu {resources.autocast_cpu}"
        " --profile {resources.profile} --experiment {resources.experiment}"
        " --checkpoint-seconds {resources.checkpoint_seconds} 2>> {log}"
