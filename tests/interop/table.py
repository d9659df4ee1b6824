"""The table of clients and features: what is claimed, and how it came out."""
import pathlib

from clients import CLIENTS
from features import FEATURES

README = pathlib.Path(__file__).resolve().parent / "README.md"
MARKS = {"PASS": "passed", "FAIL": "FAILED", "SKIP": "skipped"}


def claims():
    """(client, feature) of every cell that has a claim, client by client."""
    unknown = {name for client in CLIENTS.values() for name in client.offers} - set(FEATURES)
    if unknown:
        raise AssertionError(f"clients offer {unknown}, which are no features")
    return [(client.name, feature) for client in CLIENTS.values() for feature in FEATURES
            if feature in client.offers]


def text(verdicts):
    """A row a feature, a column a client; a dash where the client has no such thing."""
    lines = ["| feature | " + " | ".join(CLIENTS) + " |", "| --- |" + " --- |" * len(CLIENTS)]
    for feature, function in FEATURES.items():
        cells = [MARKS.get(verdicts.get((client.name, feature)), "not run")
                 if feature in client.offers else "–" for client in CLIENTS.values()]
        lines.append(f"| {function.text} (`{feature}`) | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def readme_is_true():
    """The README shows the table as it is when every claim passes."""
    return text({cell: "PASS" for cell in claims()}) in README.read_text()
