"""The cases: each a function of a Lab, named as it is reported; what it returns is reported with
it. CASES keeps their order."""
CASES = {}


def case(name=None, java=False, restarts=False, node=True, needs=None, network=False):
    """java: needs the Java programs. restarts: ends the node, so it needs one of its own. node: has
    one running when it begins. needs: a folder that is not part of this tree. network: has one of
    its own, with the name server at 127.0.0.1:9876."""
    def register(function):
        function.java, function.restarts, function.node = java, restarts, node
        function.needs, function.network = needs, network
        CASES[name or function.__name__] = function
        return function
    return register


def check(condition, text):
    if not condition:
        raise AssertionError(text)
