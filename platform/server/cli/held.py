"""The options with which a command says what a key is held to; read by the same rules as a request's body."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

from publicgsb.apikeys.bodies import restriction_change
from publicgsb.apikeys.members import Members
from publicgsb.apikeys.restricting import RestrictionChange
from publicgsb.apikeys.restrictions import LEVELS
from publicgsb.platform.kernel.errors import InvalidRequest

Command = TypeVar("Command", bound=Callable[..., Any])

_OPTIONS = (
    click.option("--dataset", "datasets", multiple=True, help="Only this dataset, agency/dataset; several times."),
    click.option("--level", "levels", multiple=True, type=click.Choice(LEVELS), help="Only data of this access level."),
    click.option("--address", "addresses", multiple=True, help="Only from this network, such as 192.0.2.0/24."),
    click.option("--expires-in-days", type=int, help="It ends so many days from now; at most 730 after it was made."),
)


def held_options(command: Command) -> Command:
    """--dataset, --level, --address and --expires-in-days."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def change_of(
    datasets: tuple[str, ...],
    levels: tuple[str, ...],
    addresses: tuple[str, ...],
    expires_in_days: int | None,
    lifted: tuple[str, ...] = (),
) -> RestrictionChange:
    """What the options ask for; InvalidRequest names what is wrong with them, or that there is none."""
    given: dict[str, Any] = dict.fromkeys(lifted)
    lists: Mapping[str, tuple[str, ...]] = {"datasets": datasets, "levels": levels, "addresses": addresses}
    for name, values in lists.items():
        if values and name in given:
            raise InvalidRequest(f"Either lift the {name} or say which.", reason="settings")
        if values:
            given[name] = list(values)
    if expires_in_days is not None:
        given["expiresInDays"] = expires_in_days
    members = Members(given)
    change = restriction_change(members)
    if members.problems:
        told = "; ".join(f"{problem['member']} {problem['problem']}" for problem in members.problems)
        raise InvalidRequest(f"The options are not right: {told}.", reason="settings")
    return change
