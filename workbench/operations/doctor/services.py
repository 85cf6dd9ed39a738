"""The checks of images and services. Every check is a pure function of what was read."""

from collections.abc import Mapping, Sequence

from workbench.aws.ecs.services import Service
from workbench.operations.doctor.facts import Facts, Refused, ServiceImages, Where
from workbench.operations.doctor.report import Judgement, broken, done, to_do, unread
from workbench.operations.images.references import parsed
from workbench.operations.readings import Unread
from workbench.operations.times import utc
from workbench.words import command


def images_pushed(where: Where, facts: Facts) -> Judgement:
    """Check that the images in the newest task definitions exist."""
    if (blocked := _unjudged(where, facts)) is not None:
        return blocked
    known = _known(facts)
    if lines := _absent_lines({name: images.template for name, images in known.items()}, known):
        first = next(name for name, images in known.items() if _is_any_absent(images.template, images))
        return to_do(*lines, then=_brings_images(where, first, known[first]))
    return done("every image of the newest task definitions is in ECR")


def _brings_images(where: Where, name: str, images: ServiceImages) -> str:
    """Return the command that pushes a service's next missing image, or deploys the images that exist."""
    missing = [container for container, image in images.template.items() if image in images.absent]
    nowhere = next((container for container in missing if images.newest[container] is None), None)
    if nowhere is None:
        chosen = (f"--image {container}={images.newest[container]}" for container in missing)
        return where.service_command("deploy", name, *chosen)
    if where.is_embedded:
        tag = where.description.built_tags.of_commit("00000001" * 5)
        return f"{command('sandbox image', name)} --container {nowhere} --tag {tag}"
    return f"{command('image push', name)} --container {nowhere} --context DIR --stack {where.stack}"


def services_run(where: Where, facts: Facts) -> Judgement:
    """Check that every service has all its tasks, from a complete rollout."""
    if isinstance(facts.services, Unread):
        return unread(facts.services)
    services = {wanted.service: facts.services.get(wanted.name) for wanted in where.services}
    absent = [name for name, service in services.items() if service is None]
    until = where.stopped_until
    stopped = [name for name, service in services.items() if until is not None and service and _is_stopped(service)]
    ailing = [
        name for name, service in services.items() if service is not None and name not in stopped and not _runs(service)
    ]
    lines = [
        *(f"{name}: not in ECS" for name in absent),
        *(f"{name}: {_rollout(service)}" for name, service in services.items() if service and name in ailing),
    ]
    if not lines and until is not None and stopped:
        return done(f"stopped until {utc(until)} (running_hours): {', '.join(stopped)}")
    if not lines:
        return done("every service runs")
    if not ailing:
        return to_do(*lines, then=where.provision_command)
    # What has no image cannot run yet; the step before says so.
    known = _known(facts)
    without = [name for name in ailing if name in known and _is_any_absent(known[name].template, known[name])]
    if len(without) == len(ailing):
        return to_do(*lines, then=where.service_command("status"))
    first = next(name for name in ailing if name not in without)
    return broken(*lines, then=where.service_command("status", first))


def images_kept(where: Where, facts: Facts) -> Judgement:
    """Check that the running images exist, and those that a rollback would go to."""
    if (blocked := _unjudged(where, facts)) is not None:
        return blocked
    known = _known(facts)
    running = _absent_lines({name: images.running for name, images in known.items()}, known)
    rollback = _absent_lines({name: images.rollback or {} for name, images in known.items()}, known)
    lines = [*(f"{line}, and runs" for line in running), *(f"{line}, for a rollback" for line in rollback)]
    if lines:
        first = next(
            name
            for name, images in known.items()
            if _is_any_absent(images.running, images) or _is_any_absent(images.rollback or {}, images)
        )
        return broken(*lines, then=command("image list", first, "--stack", where.stack))
    if (leaving := _leaving(where, known)) is not None:
        return leaving
    without = [name for name, images in known.items() if images.rollback is None]
    if not any(images.running for images in known.values()):
        return done("nothing runs yet whose image could be gone")
    return done(
        "what runs is in ECR, and so is what rollbacks would go to",
        *([f"nothing to roll back to yet: {', '.join(without)}"] if without else []),
    )


def _leaving(where: Where, known: Mapping[str, ServiceImages]) -> Judgement | None:
    """Return the judgement on images that the registry is going to expire, if there are any."""
    if failed := [images.expiring for images in known.values() if isinstance(images.expiring, Unread)]:
        return unread(*failed)
    soon = {name: images.expiring for name, images in known.items() if not isinstance(images.expiring, Unread)}
    lines = [
        f"{name}: {_short(image)}{' runs' if image in known[name].running.values() else ', for a rollback'}, {words}"
        for name, expiring in soon.items()
        for image, words in expiring.items()
    ]
    if not lines:
        return None
    unmarked = next((name for name, expiring in soon.items() if known[name].unmarked.intersection(expiring)), None)
    first = next(name for name, expiring in soon.items() if expiring)
    keep = None if unmarked is None else command("image keep", unmarked, "--stack", where.stack)
    return to_do(*lines, then=keep or command("image list", first, "--stack", where.stack))


def images_recorded(where: Where, facts: Facts) -> Judgement:
    """Check that the image parameters hold the running images: the program writes them into the next template."""
    if (blocked := _unjudged(where, facts)) is not None:
        return blocked
    known = _known(facts)
    unrecorded = [name for name, images in known.items() if not images.is_recorded]
    if unrecorded:
        return broken(
            *(f"{name}: what runs is not what its image parameter holds" for name in unrecorded),
            "`pulumi up` would put the recorded image into the next template",
            then=where.service_command("deploy", unrecorded[0], *_as_options(known[unrecorded[0]].running)),
        )
    if not any(images.running for images in known.values()):
        return done("nothing runs yet that could be lost")
    return done("every image parameter holds what runs")


def _as_options(images: Mapping[str, str]) -> Sequence[str]:
    """Return images as options of a deploy."""
    names = {container: parsed(image) for container, image in images.items()}
    return [f"--image {container}={name.digest or name.tag}" for container, name in names.items()]


def _runs(service: Service) -> bool:
    primary = service.primary
    return (
        primary is not None
        and primary.rollout_state == "COMPLETED"
        and service.running_count >= service.desired_count > 0
    )


def _is_stopped(service: Service) -> bool:
    return service.desired_count == 0 and service.primary is not None and service.primary.rollout_state != "FAILED"


def _rollout(service: Service) -> str:
    state = "none" if service.primary is None else service.primary.rollout_state.lower().replace("_", " ")
    return f"{service.running_count} of {service.desired_count} tasks run, rollout {state}"


def _known(facts: Facts) -> Mapping[str, ServiceImages]:
    return {name: images for name, images in facts.images.items() if isinstance(images, ServiceImages)}


def _unjudged(where: Where, facts: Facts) -> Judgement | None:
    """Return the reason why images cannot be judged, if there is one."""
    if isinstance(facts.services, Unread):
        return unread(facts.services)
    if failed := [images for images in facts.images.values() if isinstance(images, Unread)]:
        return unread(*failed)
    if refused := [images.why for images in facts.images.values() if isinstance(images, Refused)]:
        return broken(*refused, then=where.service_command("status"))
    if not facts.images:
        return to_do("no service is in ECS", then=where.provision_command)
    return None


def _is_any_absent(images: Mapping[str, str], service: ServiceImages) -> bool:
    return any(image in service.absent for image in images.values())


def _absent_lines(images: Mapping[str, Mapping[str, str]], known: Mapping[str, ServiceImages]) -> Sequence[str]:
    """Return a line for each image of a service that is not in its repository."""
    return [
        f"{name}: {_short(image)} is not in ECR"
        for name, of_service in images.items()
        for image in dict.fromkeys(of_service.values())
        if image in known[name].absent
    ]


def _short(image: str) -> str:
    """Return an image without the registry's host."""
    return image.removeprefix(f"{parsed(image).name.partition('/')[0]}/")
