"""The section of the config about releases."""

from pydantic import PositiveInt

from workbench.config.section import Section


class Releases(Section):
    """The bucket of an environment's releases."""

    replaced_version_days: PositiveInt
    """After how many days an earlier version of a replaced object goes. Artefacts and manifests stay for ever."""
