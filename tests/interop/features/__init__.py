"""The features: each a function of a Lab, a row of the table. FEATURES keeps their order."""
FEATURES = {}


def feature(text, slow=False, last=False, gantry=False):
    """text: what the table says of it. slow: it waits for the client's own clock, so it runs beside
    the others. last: it ends the node, so it runs when the others have. gantry: no other broker has
    it, so it needs a node of ours."""
    def register(function):
        function.text, function.slow, function.last, function.gantry = text, slow, last, gantry
        FEATURES[function.__name__] = function
        return function
    return register


from features import sending, consuming, filtering, groups, lasting  # noqa: E402,F401  (they register)
