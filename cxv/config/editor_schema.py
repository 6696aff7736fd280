"""A JSON Schema of ``params.yaml``, by which editors complete it and mark what is wrong.

It knows less than ``cxv check``: a name that stands for nothing, or a value that does not fit its
network, is found there alone.
"""

import copy
import json
from typing import Any

from cxv.config.grid import Params
from cxv.config.sweeps import BELOW
from cxv.networks.registry import ABLATIONS, ZOO

FILE = "params.schema.json"
OF_SWEPT = {"models": "Model", "variants": "Variant", "phases": "Phase"}
"""By section: the class of its entries."""
INHERITED = ("datasets", "models", "variants", "phases", "recipes", "study")
"""What a paper gives, and the study, which has a file of its own: none has to be there."""
SWEEP = {
    "description": "Values by dotted keys, each with each: one entry is made a value.",
    "$ref": "#/$defs/Sweep",
}


def editor_schema() -> dict[str, Any]:
    """Return the schema, draft 2020-12."""
    whole = copy.deepcopy(Params.model_json_schema())
    whole["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    whole["required"] = [key for key in whole["required"] if key not in INHERITED]
    kinds = whole["$defs"]
    for kind in ("Dataset", "Model", "Variant", "Phase"):  # an entry's key is its name
        del kinds[kind]["properties"]["name"]
        kinds[kind]["required"] = [x for x in kinds[kind].get("required", []) if x != "name"]
    kinds["Model"]["required"] = []  # it is the row of its own name
    kinds["Model"]["properties"]["zoo"]["enum"] = sorted(ZOO)
    kinds["Variant"]["properties"]["edits"]["items"]["enum"] = sorted(ABLATIONS)
    one = {"type": "object", "minProperties": 1, "additionalProperties": _some({})}
    kinds["Sweep"] = {"anyOf": [one, _some(one)]}
    for section in BELOW:
        kinds[OF_SWEPT[section]]["properties"]["sweep"] = SWEEP
    for section in whole["properties"].values():
        if "patternProperties" in section:
            section["additionalProperties"] = False
    return whole


def text() -> str:
    """Return it as ``params.schema.json`` holds it."""
    return json.dumps(editor_schema(), indent=1, ensure_ascii=False) + "\n"


def _some(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "minItems": 1, "items": items}
