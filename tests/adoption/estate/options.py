"""The ways in which a Terraform code base may have made the same platform."""

from dataclasses import dataclass
from typing import Literal

AWS_PROVIDER = "registry.terraform.io/hashicorp/aws"
CLOUDFLARE_PROVIDER = "registry.terraform.io/cloudflare/cloudflare"
RANDOM_PROVIDER = "registry.terraform.io/hashicorp/random"


@dataclass(frozen=True, kw_only=True)
class Options:
    """One estate: which stack, and how its Terraform was written. The defaults are staging's base case."""

    stack: Literal["staging", "production"] = "staging"
    rules: Literal["inline", "single", "vpc"] = "inline"
    """Rules as blocks of ``aws_security_group``, as ``aws_security_group_rule``, or as
    ``aws_vpc_security_group_ingress_rule`` and ``…_egress_rule``. Aurora's are single in the first case, too."""
    names: Literal["plain", "suffix", "prefix"] = "plain"
    """What the documents leave open is called ``zelly-staging-aurora``, ``zelly-staging-aurora-tf``, or begins with a
    ``name_prefix``. Documented names stay as they are."""
    one_balancer_group: bool = False
    """One ``alb-sg`` for all application load balancers, instead of one each."""
    keys: Literal["mixed", "count", "for_each"] = "mixed"
    """Mixed: subnets by ``count``, services and balancers by ``for_each``."""
    egress_all: bool = False
    """Every group lets everything out (``-1`` to 0.0.0.0/0)."""
    providers_in_modules: bool = False
    """Each module has a provider configuration of its own, with an alias."""
    older_schema: bool = False
    """What an older release of the providers wrote, and nobody has applied since."""
    tainted: bool = False
    """The bastion is to be made anew."""
    deposed: bool = False
    """The bastion's predecessor could not be destroyed."""
    balancer_group_of_network: bool = True
    """False: the network load balancer was made without a security group, and can never get one."""
    launch_type: bool = False
    """Services with ``launch_type = "FARGATE"`` instead of a capacity provider strategy."""
    leave_out: frozenset[str] = frozenset()
    """Modules that are not in the state, though everything in them stands."""
