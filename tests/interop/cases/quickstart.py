"""The quickstart script, on free ports."""
import re
import socket
import subprocess

from cases import case, check
from node import ROOT, configuration

LIMIT_S = 600  # nothing is left to build, but the script asks


def quickstart(conf):
    return subprocess.run([ROOT / "scripts" / "quickstart", "--once", "--conf", conf],
                          capture_output=True, text=True, timeout=LIMIT_S)


@case(node=False)
def quickstart_shows_ten_messages(lab):
    """Twice: the second time topic and group are there already."""
    conf, nameserver, broker = configuration(lab.folder)
    for _ in range(2):
        run = quickstart(conf)
        check(run.returncode == 0, f"exit {run.returncode}:\n{run.stdout}{run.stderr}")
        consumed = run.stdout[run.stdout.index(" consume "):]
        found = len(re.findall(r"hello, gantry", consumed))
        check(found == 10, f"{found} messages:\n{run.stdout}")
    for address in (nameserver, broker):
        with socket.socket() as probe:
            host, port = address.split(":")
            check(probe.connect_ex((host, int(port))) != 0, f"something still listens on {address}")


@case(node=False)
def quickstart_names_a_taken_port(lab):
    conf, _, broker = configuration(lab.folder)
    port = broker.rsplit(":", 1)[1]
    with socket.create_server(("127.0.0.1", int(port))):
        run = quickstart(conf)
    check(run.returncode != 0, "exit 0 with a taken port")
    check(f"port {port} is taken" in run.stderr, f"it said:\n{run.stderr}")
