"""Stand-ins for a plan's placeholders, as long as AWS's answers will be: to be measured, not used."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol, TypeAlias

from workbench.placeholders import Reference, filled, placeholder, references


class Named(Protocol):
    """A recorded resource, as far as its stand-ins are made of it."""

    @property
    def type(self) -> str:
        """Its type token."""
        ...

    @property
    def name(self) -> str:
        """Its logical name."""
        ...

    @property
    def inputs(self) -> dict[str, Any]:
        """Its inputs."""
        ...


Form: TypeAlias = Callable[[str, str, str], str]
"""Takes the physical name, the region and the account."""

_ID = "0" * 17
"""The hexadecimal digits of most ids."""

FORMS: Mapping[tuple[str, str], Form] = {
    ("aws:cloudwatch/logGroup:LogGroup", "arn"): lambda n, r, a: f"arn:aws:logs:{r}:{a}:log-group:{n}",
    ("aws:ebs/volume:Volume", "id"): lambda _n, _r, _a: f"vol-{_ID}",
    ("aws:ecr/repository:Repository", "arn"): lambda n, r, a: f"arn:aws:ecr:{r}:{a}:repository/{n}",
    ("aws:ecr/repository:Repository", "repositoryUrl"): lambda n, r, a: f"{a}.dkr.ecr.{r}.amazonaws.com/{n}",
    ("aws:ecs/cluster:Cluster", "arn"): lambda n, r, a: f"arn:aws:ecs:{r}:{a}:cluster/{n}",
    ("aws:efs/accessPoint:AccessPoint", "arn"): lambda _, r, a: (
        f"arn:aws:elasticfilesystem:{r}:{a}:access-point/fsap-{_ID}"
    ),
    ("aws:efs/fileSystem:FileSystem", "arn"): lambda _, r, a: f"arn:aws:elasticfilesystem:{r}:{a}:file-system/fs-{_ID}",
    ("aws:iam/openIdConnectProvider:OpenIdConnectProvider", "arn"): lambda n, _, a: (
        f"arn:aws:iam::{a}:oidc-provider/{n.removeprefix('https://')}"
    ),
    ("aws:iam/role:Role", "arn"): lambda n, _, a: f"arn:aws:iam::{a}:role/{n}",
    ("aws:kms/key:Key", "arn"): lambda _, r, a: f"arn:aws:kms:{r}:{a}:key/{'0' * 36}",
    ("aws:s3/bucket:Bucket", "arn"): lambda n, _r, _a: f"arn:aws:s3:::{n}",
    # Secrets Manager adds a hyphen and six characters to a name in its ARN.
    ("aws:secretsmanager/secret:Secret", "arn"): lambda n, r, a: f"arn:aws:secretsmanager:{r}:{a}:secret:{n}-000000",
    ("aws:sns/topic:Topic", "arn"): lambda n, r, a: f"arn:aws:sns:{r}:{a}:{n}",
    ("aws:ssm/parameter:Parameter", "arn"): lambda n, r, a: f"arn:aws:ssm:{r}:{a}:parameter/{n.removeprefix('/')}",
}
"""Type and output -> its form ("Resource types defined by …", Service Authorization Reference)."""

_LOOKED_UP: Mapping[tuple[str, str], tuple[str, str]] = {
    ("openid-connect-provider", "arn"): ("aws:iam/openIdConnectProvider:OpenIdConnectProvider", "arn"),
    ("repository", "arn"): ("aws:ecr/repository:Repository", "arn"),
    ("repository", "repositoryUrl"): ("aws:ecr/repository:Repository", "repositoryUrl"),
    ("role", "arn"): ("aws:iam/role:Role", "arn"),
}
"""How the plan calls what it looks up: ``${repository shop/proxy.arn}``."""

_NAMES = ("name", "bucket", "url")
"""Inputs that give a physical name; without one Pulumi adds a hyphen and seven characters to the logical name."""


class StandIns:
    """Fills in the placeholders of one plan."""

    def __init__(self, resources: Iterable[Named], *, region: str, account_id: str) -> None:
        self._region, self._account_id = region, account_id
        self._known: dict[tuple[str, str], str] = {}
        by_type: dict[str, list[str]] = {}
        for type_token, output in FORMS:
            by_type.setdefault(type_token, []).append(output)
        for resource in resources:
            for output in by_type.get(resource.type, ()):
                self._known[resource.name, output] = self._answer(resource, output)

    def filled(self, text: str) -> str:
        """Return a text with its placeholders filled in; one that is not known here stays."""
        return filled(text, self._stand_in)

    def unknown(self, text: str) -> set[str]:
        """Return the placeholders of a text that are not known here."""
        return {placeholder(*found) for found in references(self.filled(text))}

    def _stand_in(self, found: Reference) -> str | None:
        name, output = found
        if (name, output) in self._known:
            return self._known[name, output]
        kind, _, physical = name.partition(" ")
        form = _LOOKED_UP.get((kind, output))
        return None if form is None else FORMS[form](physical, self._region, self._account_id)

    def _answer(self, resource: Named, output: str) -> str:
        inputs = resource.inputs
        name = next((str(inputs[each]) for each in _NAMES if each in inputs), f"{resource.name}-0000000")
        region = str(inputs.get("region", self._region))
        return FORMS[resource.type, output](name, region, self._account_id)
