"""The cases: each a function of a Lab, named as it is reported; those that count what was lost return
a Tally. CASES keeps their order."""
CASES = {}


def case(function):
    CASES[function.__name__] = function
    return function


def check(condition, text):
    if not condition:
        raise AssertionError(text)
