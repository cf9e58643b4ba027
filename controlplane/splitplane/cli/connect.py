"""The client that every command of the API uses, and names as people type them."""

from __future__ import annotations

from splitplane.cli.exits import WRONG_INPUT, CommandFailed
from splitplane.client.client import Client
from splitplane.client.settings import load_settings
from splitplane.contract.fqn import Fqn, FqnError, parse_fqn
from splitplane.contract.ids import is_id
from splitplane.contract.nouns import Noun, noun_for_word


def open_client(endpoint: str | None) -> Client:
    """A client of the control plane that arguments, environment or the last login name."""
    return Client.from_settings(load_settings(endpoint=endpoint))


def noun_of(word: str) -> Noun:
    """The noun that the word on the command line means: kind, plural, or a manifest's type."""
    try:
        return noun_for_word("application" if word.rstrip("s") in ("service", "job") else word)
    except ValueError as exc:
        raise CommandFailed(str(exc), WRONG_INPUT) from exc


def reference(noun: Noun, text: str) -> str:
    """The id or fully qualified name; a bare name of a noun in the tenant gets its prefix."""
    if is_id(text):
        return text
    try:
        fqn = parse_fqn(text)
    except FqnError as exc:
        if noun.kind == "user" and "@" in text:
            return str(Fqn("user", (text.lower(),)))
        raise CommandFailed(str(exc), WRONG_INPUT) from exc
    if fqn.kind == noun.fqn_kind:
        return str(fqn)
    if noun.parent_kind is None and fqn.kind == "cluster":
        return str(Fqn(noun.fqn_kind, fqn.parts))  # a bare name parses as a cluster's
    raise CommandFailed(
        f"{text!r} names a {fqn.kind}, {noun.kind} was asked for; {_example(noun)}", WRONG_INPUT
    )


def _example(noun: Noun) -> str:
    if noun.kind == "workspace":
        return "write CLUSTER:WORKSPACE"
    if noun.kind == "application":
        return "write CLUSTER:WORKSPACE:APPLICATION"
    return f"write its name, such as {Fqn(noun.fqn_kind, ('name',))}"
