"""The features: each a function of a Lab, a row of the table. FEATURES keeps their order."""
FEATURES = {}


def feature(text, slow=False, last=False):
    """text: what the table says of it. slow: it waits for the client's own clock, so it runs beside
    the others. last: it ends the node, so it runs when the others have."""
    def register(function):
        function.text, function.slow, function.last = text, slow, last
        FEATURES[function.__name__] = function
        return function
    return register


from features import sending, consuming, groups, lasting  # noqa: E402,F401  (they register)
