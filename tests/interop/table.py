"""The table of clients and features: what is claimed, and how it came out."""
import pathlib

from clients import CLIENTS
from features import FEATURES

README = pathlib.Path(__file__).resolve().parent / "README.md"
MARKS = {"PASS": "passed", "FAIL": "FAILED", "SKIP": "skipped"}
NO_API, WRONG = "no API", "client fails"  # of cells without a claim


def claims():
    """(client, feature) of every cell that has a claim, client by client."""
    return [(client.name, feature) for client in CLIENTS.values() for feature in FEATURES
            if feature in client.offers]


def wrong():
    """The cells that are said to fail at any broker."""
    return [(client.name, feature) for client in CLIENTS.values()
            for features in client.fails.values() for feature in features.split()]


def check(clients=CLIENTS, features=FEATURES):
    """Every cell is claimed, or there is a reason why not."""
    for client in clients.values():
        said = [*client.offers, *" ".join([*client.lacks.values(), *client.fails.values()]).split()]
        for feature in {*said, *features}:
            if said.count(feature) != 1 or feature not in features:
                raise AssertionError(f"{client.name} says {said.count(feature)} times what "
                                     f"{feature} is to it: once for each feature is right")


def mark(client, feature, verdicts):
    if feature in client.offers:
        return MARKS.get(verdicts.get((client.name, feature)), "not run")
    return WRONG if (client.name, feature) in wrong() else NO_API


def text(verdicts):
    """A row a feature, a column a client."""
    lines = ["| feature | " + " | ".join(CLIENTS) + " |", "| --- |" + " --- |" * len(CLIENTS)]
    for feature, function in FEATURES.items():
        cells = [mark(client, feature, verdicts) for client in CLIENTS.values()]
        lines.append(f"| {function.text} (`{feature}`) | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def reasons():
    """A row for each reason why a cell has no claim."""
    lines = ["| client | has no claim to | because |", "| --- | --- | --- |"]
    for client in CLIENTS.values():
        for mark_, why in ((NO_API, client.lacks), (WRONG, client.fails)):
            for reason, features in why.items():
                named = ", ".join(f"`{feature}`" for feature in features.split())
                lines.append(f"| {client.name} | {named} | {mark_}: {reason} |")
    return "\n".join(lines)


def readme_is_true(readme=None):
    """The README shows the table as it is when every claim passes, and the reasons."""
    shown = readme if readme is not None else README.read_text()
    return text({cell: "PASS" for cell in claims()}) in shown and reasons() in shown
