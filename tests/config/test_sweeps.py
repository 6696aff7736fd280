"""A sweep is what its entries would be if each were written out by hand."""

from pathlib import Path

import pytest
import samples

from cxv.config.load import ParamsError, load

HUGE = "{" + ", ".join(f"key{n}: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]" for n in range(30)) + "}"


def study(variants: str = "", phases: str = "", recipes: str = "", block: str = "") -> str:
    """Return the settings of the samples with more in it, and a last block of its study."""
    text = samples.GRID.replace(
        "variants: {gelu: {edits: [gelu_after_conv]}, base: {}}",
        f"variants:\n  gelu: {{edits: [gelu_after_conv]}}\n  base: {{}}\n{variants}",
    )
    text = text.replace("recipes: {adamw:", f"{phases}recipes: {{{recipes}adamw:")
    return text + block


def block(**lists: str) -> str:
    listed = {"datasets": "digits", "models": "cpv_small", "recipes": "adamw"} | lists
    return f"      - {{{', '.join(f'{key}: [{value}]' for key, value in listed.items())}}}\n"


def ids(root: Path, text: str) -> set[str]:
    path = root / "params.yaml"
    path.write_text(text)
    return set(load(path).runs("small"))


def refusal(root: Path, text: str) -> str:
    path = root / "params.yaml"
    path.write_text(text)
    with pytest.raises(ParamsError) as caught:
        load(path)
    return str(caught.value)


BY_HAND = study(
    "  heads_2: {set: {mixer: {heads: 2}}}\n  heads_4: {set: {mixer: {heads: 4}}}\n",
    block=block(variants="base, heads_2, heads_4"),
)


def test_a_sweep_of_one_key_is_its_variants_written_out(tmp_path: Path) -> None:
    swept = study("  heads: {sweep: {mixer.heads: [2, 4]}}\n", block=block(variants="base, heads"))
    (tmp_path / "params.yaml").write_text(swept)
    found = load(tmp_path / "params.yaml")
    (tmp_path / "params.yaml").write_text(BY_HAND)
    by_hand = load(tmp_path / "params.yaml")
    assert found.runs("small") == by_hand.runs("small")
    assert found.profiles("small") == by_hand.profiles("small")
    assert found.only("small").canonical() == by_hand.only("small").canonical()


def test_several_keys_are_varied_together(tmp_path: Path) -> None:
    sweep = "  size: {edits: [gelu_after_conv], sweep: {dim: [16, 32], mixer.heads: [2, 4]}}\n"
    found = ids(tmp_path, study(sweep, block=block(variants="size")))
    names = {f"size_dim_{dim}_heads_{heads}" for dim in (16, 32) for heads in (2, 4)}
    assert {f"digits/cpv_small/{name}/s{seed}/adamw" for name in names for seed in (0, 1)} <= found
    model = load(tmp_path / "params.yaml").variants["size_dim_16_heads_4"]
    assert (model.edits, model.set) == (("gelu_after_conv",), {"dim": 16, "mixer": {"heads": 4}})


def test_a_list_of_sweeps_varies_one_key_at_a_time(tmp_path: Path) -> None:
    sweep = "  size: {sweep: [{dim: [16, 64]}, {mixer.heads: [4]}]}\n"
    ids(tmp_path, study(sweep))
    found = load(tmp_path / "params.yaml").variants
    assert [name for name in found if name.startswith("size")] == [
        "size_dim_16", "size_dim_64", "size_heads_4"
    ]  # fmt: skip


def test_a_swept_model_keeps_its_row(tmp_path: Path) -> None:
    text = study(block=block(models="resnet34")).replace(
        "models: {", "models: {resnet34: {sweep: {width: [8, 16]}}, "
    )
    assert "digits/resnet34_16/base/s1/adamw" in ids(tmp_path, text)
    model = load(tmp_path / "params.yaml").models["resnet34_16"]
    assert (model.zoo, model.set) == ("resnet34", {"width": 16})


def test_a_swept_phase_sweeps_each_recipe_that_it_is_a_part_of(tmp_path: Path) -> None:
    phase = "  slow: {<<: *adamw, sweep: {optimizer.lr: [0.01, 1.0e-4]}}\n"
    text = study(phases=phase, recipes="slowly: [slow, sgd], ", block=block(recipes="slowly"))
    found = ids(tmp_path, text)
    for rate, word in ((0.01, "0_01"), (0.0001, "0_0001")):
        assert f"digits/cpv_small/base/s0/slow_{word}/sgd" in found
        assert load(tmp_path / "params.yaml").phases[f"slow_{word}"].optimizer.lr == rate
    assert load(tmp_path / "params.yaml").recipes["slowly_0_01"] == ("slow_0_01", "sgd")


@pytest.mark.parametrize(
    "sweep", ["{}", "[]", "{mixer.heads: []}", "{mixer.heads: 2}", "[2, 4]", "heads", "null", HUGE]
)
def test_a_sweep_of_another_form_is_refused_on_its_line(tmp_path: Path, sweep: str) -> None:
    text = study(f"  heads: {{sweep: {sweep}}}\n")
    line = text.splitlines().index(f"  heads: {{sweep: {sweep}}}") + 1
    said = refusal(tmp_path, text)
    assert said.startswith(f"{tmp_path}/params.yaml:{line}: variants.heads.sweep: must be like")


def test_a_name_that_is_taken_is_refused(tmp_path: Path) -> None:
    text = study("  heads: {sweep: {mixer.heads: [2, 4]}}\n  heads_4: {set: {dim: 16}}\n")
    assert "makes 'heads_4' twice, or it is there already" in refusal(tmp_path, text)
    text = study("  heads: {sweep: {mixer.heads: [2, 2]}}\n")
    assert "makes 'heads_2' twice" in refusal(tmp_path, text)


def test_an_impossible_value_is_refused_on_the_line_of_the_sweep(tmp_path: Path) -> None:
    phase = "  slow: {<<: *adamw, sweep: {optimizer.lr: [0.01, fast]}}\n"
    text = study(phases=phase)
    line = text.splitlines().index(phase.rstrip()) + 1
    said = refusal(tmp_path, text)
    assert f"params.yaml:{line}: phases.slow_fast.optimizer.lr: " in said


def test_a_name_of_the_paper_is_not_hidden_by_a_sweep(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    text = (root / "params.yaml").read_text()
    text = text.replace("paper: data/paper", f"paper: {root}/data/paper")
    text = text.replace("\nmodels: ", "\nmodels:\n  cpv: {sweep: {dim: [64]}} #", 1)
    assert "models.cpv: the paper means one thing by this name" in refusal(tmp_path, text)
