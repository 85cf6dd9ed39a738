"""Commands that are imported when they are typed: until then a list knows their names and a line about each."""

import importlib
from collections.abc import Mapping
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from workbench import words
from workbench.words import Noun, Verb

_MARKUP = "markdown"
"""Joins the lines of a paragraph, which Typer's default keeps apart."""


class LazyGroup(TyperGroup):
    """A group of commands, of which it imports the one that is typed."""

    def __init__(self, *, offers: Mapping[str, Noun | Verb] | None = None, default: str | None = None, **given: Any):
        super().__init__(**given)
        self._default = default
        self.offer(offers or {})

    def offer(self, offers: Mapping[str, Noun | Verb]) -> None:
        """Take other commands in the place of those that are offered."""
        self.commands = {name: _stand_in(name, offered) for name, offered in offers.items()}

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Return the command that was typed, loaded."""
        name, command, left = super().resolve_command(ctx, args)
        return name, command.load() if isinstance(command, _StandIn) else command, left

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the default verb before arguments that name none."""
        if self._default is not None and not (args and (args[0] in self.commands or args[0] in ctx.help_option_names)):
            args = [self._default, *args]
        return super().parse_args(ctx, args)

    def load(self) -> "LazyGroup":
        """Load all that is offered, and return the group."""
        for name, command in self.commands.items():
            if isinstance(command, _StandIn | LazyGroup):
                self.commands[name] = command.load()
        return self


class _StandIn(TyperCommand):
    """A command that is not loaded yet, as lists show it."""

    def __init__(self, name: str, verb: Verb) -> None:
        super().__init__(name=name, callback=None, help=words.named(verb.help), rich_markup_mode=_MARKUP)
        self._word, self._module = name, verb.module

    def load(self) -> Any:
        """Import the module, and return the command of this name."""
        return _commands(self._module)[self._word]


def _commands(module: str) -> Mapping[str, Any]:
    """Return the commands of a module's ``app``, by name."""
    app: typer.Typer = importlib.import_module(module).app
    made: Any = typer.main.get_group(app)
    for command in made.commands.values():
        command.help = words.named(command.help)
        for parameter in command.params:
            parameter.help = words.named(parameter.help or "")
    return made.commands


def _stand_in(name: str, offered: Noun | Verb) -> TyperCommand | TyperGroup:
    if isinstance(offered, Verb):
        return _StandIn(name, offered)
    return LazyGroup(
        name=name,
        help=words.named(offered.help),
        offers=offered.verbs,
        default=offered.default,
        no_args_is_help=offered.default is None,
        rich_markup_mode=_MARKUP,
    )
