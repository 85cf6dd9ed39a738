"""Launch templates: what moto leaves undone of them, so that an Auto Scaling group starts instances from them."""

from collections.abc import Callable

from moto.backends import get_backend
from moto.ec2.utils import parse_user_data

from workbench.sandbox.server.table import Call, Consequence, Preparation


def _parse_user_data(call: Call) -> None:
    """Have the user data of a new version in the form in which moto has that of the first one."""
    backend = get_backend("ec2")[call.account_id][call.region]
    data = backend.get_launch_template(call.parameters["LaunchTemplateId"]).latest_version().data
    data["UserData"] = parse_user_data(data.get("UserData"))


CONSEQUENCES = (Consequence(service="ec2", operation="CreateLaunchTemplateVersion", finish=_parse_user_data),)

OPERATIONS = ("CreateLaunchTemplate", "CreateLaunchTemplateVersion")


def of_data(act: Callable[[Call], None]) -> Callable[[Call], None]:
    """Return a function that does for the data of a template what ``act`` does for an instance that is run."""
    return lambda call: act(
        Call(
            service=call.service,
            region=call.region,
            account_id=call.account_id,
            parameters=call.parameters.get("LaunchTemplateData", {}),
        )
    )


def preparations(know_image: Callable[[Call], None]) -> tuple[Preparation, ...]:
    """Return what is done before a version is made; ``know_image`` has moto know the image that is named."""
    return tuple(
        Preparation(service="ec2", operation=operation, prepare=of_data(know_image)) for operation in OPERATIONS
    )
