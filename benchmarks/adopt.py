"""Reads and matches a live estate of some size and prints how long that took: ``python -m benchmarks.adopt 2000``."""

import copy
import json
import re
import resource
import sys
import time
from typing import Any

from tests.adoption.estates import state_of
from tests.zelly_infra.evaluations import evaluation_of
from workbench.adopt.matching import match
from workbench.adopt.state import parsed
from workbench.adopt.translation import translated
from workbench.review.plan_document import document

_STACK, _REGION = "staging", "ap-southeast-1"


def _of_size(state: dict[str, Any], count: int) -> dict[str, Any]:
    """Return a state of about ``count`` instances: the estate, and copies of it in modules of other names."""
    whole = list(state["resources"])
    copies = 1
    while sum(len(each["instances"]) for each in whole if each["mode"] == "managed") < count:
        other = json.dumps(state["resources"]).replace("zelly", f"other{copies}").replace("alb-", f"alb{copies}-")
        other = re.sub(r"-[0-9a-f]{2}([0-9a-f]{6,15})\b", rf"-{copies:02x}\1", other)
        for each in json.loads(other):
            each["module"] = f"module.other{copies}{'.' + each['module'] if 'module' in each else ''}"
            whole.append(each)
        copies += 1
    return {**copy.deepcopy(state), "resources": whole}


def main() -> None:
    """Print one JSON object: instances, pairs, seconds of each step, and the process's peak in MiB.

    The plan and the SDK's classes are there before, as they are measured elsewhere.
    """
    content = json.dumps(_of_size(state_of(), int(sys.argv[1]))).encode()
    plan = document(evaluation_of(_STACK), _REGION)
    for instance in parsed(content, source="state").managed:
        translated(instance)
    begun = time.perf_counter()
    state = parsed(content, source="state")
    read = time.perf_counter()
    items = [translated(instance) for instance in state.managed]
    said = time.perf_counter()
    found = match(plan, items)
    ended = time.perf_counter()
    print(
        json.dumps(
            {
                "instances": len(items),
                "mib": round(len(content) / 2**20, 1),
                "matched": len(found.matched),
                "read": read - begun,
                "translate": said - read,
                "match": ended - said,
                "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            }
        )
    )


if __name__ == "__main__":
    main()
