"""What every component shares: its type token and the options of its children."""

from typing import ClassVar

import pulumi

PACKAGE = "components"
"""The Pulumi package of the type tokens: the name under which the folder can be served to other languages."""


class Component(pulumi.ComponentResource):
    """A component resource whose type token is ``components:index:<ClassName>``.

    The caller's options (provider, aliases, protect) belong to the component itself. Children never receive them:
    they name the component as their parent and inherit from it what Pulumi lets them inherit, which is why they take
    their options from :meth:`child` alone.
    """

    component_type: ClassVar[str]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.component_type = f"{PACKAGE}:index:{cls.__name__}"

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(self.component_type, name, None, opts)

    def child(self) -> pulumi.ResourceOptions:
        """Return the options of a child: this component as its parent and nothing else."""
        return pulumi.ResourceOptions(parent=self)

    def child_with(self, own: pulumi.ResourceOptions) -> pulumi.ResourceOptions:
        """Return the options of a child that has some of its own (protect, ignore_changes, …); never the caller's."""
        return pulumi.ResourceOptions.merge(own, self.child())
