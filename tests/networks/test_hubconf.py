import importlib.util
import warnings

import torch
from shared_fixtures import ROOT

from cxv import list_models


def test_the_hub_offers_every_model_and_nothing_else() -> None:
    spec = importlib.util.spec_from_file_location("hubconf", ROOT / "hubconf.py")
    assert spec is not None
    assert spec.loader is not None
    hub = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(hub)
    offered = {name for name in vars(hub) if name[0] != "_" and callable(getattr(hub, name))}
    assert offered == set(list_models())
    assert all("Args:" in getattr(hub, name).__doc__ for name in offered)


def test_the_hub_builds_what_the_package_builds() -> None:
    settings = {"dim": 8, "depth": 1, "mixer": {"heads": 1, "head_dim": 4}}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of torch.hub's own
        model = torch.hub.load(
            str(ROOT), "cpv", source="local", classes=3, settings=settings, edits=["no_conv"]
        )
    assert model(torch.rand(2, 3, 8, 8)).shape == (2, 3)
