"""The random provider's resources, answered from this machine's own source of randomness."""

import base64
import secrets
import string
from collections.abc import Mapping

from workbench.sandbox.errors import SandboxError
from workbench.sandbox.making.making import Making
from workbench.sandbox.making.table import Irregular, Outputs, ResourceRow

_SPECIAL = "!@#$%&*()-_=+[]{}<>:?"
"""The provider's own default special characters."""

_DELETED_WITH = "the state, the only place where it stands"

_MINIMUMS: Mapping[str, str] = {
    "lower": "minLower",
    "upper": "minUpper",
    "numeric": "minNumeric",
    "special": "minSpecial",
}
"""The input that lets a class of characters in -> the input that says how many there are at least."""


def _random_password(making: Making) -> tuple[str, Outputs]:
    inputs = making.inputs
    classes = {
        "lower": string.ascii_lowercase,
        "upper": string.ascii_uppercase,
        "numeric": string.digits,
        "special": inputs.get("overrideSpecial") or _SPECIAL,
    }
    allowed = {kind: characters for kind, characters in classes.items() if inputs.get(kind, True)}
    chosen = [
        secrets.choice(characters)
        for kind, characters in allowed.items()
        for _ in range(int(inputs.get(_MINIMUMS[kind], 0)))
    ]
    length = int(inputs["length"])
    if len(chosen) > length:
        raise SandboxError(f"input length: came {length}; the minimums ask for {len(chosen)}")
    alphabet = "".join(allowed.values())
    chosen += [secrets.choice(alphabet) for _ in range(length - len(chosen))]
    secrets.SystemRandom().shuffle(chosen)
    return "none", {"result": "".join(chosen)}


def _random_bytes(making: Making) -> tuple[str, Outputs]:
    value = secrets.token_bytes(int(making.inputs["length"]))
    encoded = base64.b64encode(value).decode()
    # An id is never secret: the value must not stand in it.
    return "none", {"base64": encoded, "hex": value.hex()}


RESOURCES: Mapping[str, ResourceRow] = {
    "random:index/randomPassword:RandomPassword": Irregular(
        make=_random_password,
        service=None,
        handles=frozenset({"length", "overrideSpecial", *_MINIMUMS, *_MINIMUMS.values()}),
        dropped={"keepers": "only says when to make a new value; here every value is new"},
        secret_outputs=frozenset({"result", "bcryptHash"}),
        import_id="{result}",
        deleted_with=_DELETED_WITH,
    ),
    "random:index/randomBytes:RandomBytes": Irregular(
        make=_random_bytes,
        service=None,
        handles=frozenset({"length"}),
        dropped={"keepers": "only says when to make a new value; here every value is new"},
        secret_outputs=frozenset({"base64", "hex"}),
        import_id="{base64}",
        deleted_with=_DELETED_WITH,
    ),
}
