"""Figures and goals of a bench: medians over repetitions, with the spread they had."""
import dataclasses
import statistics


@dataclasses.dataclass
class Goal:
    """`values`: one per repetition. Met when their median is within `limit`."""
    name: str
    what: str
    values: list
    limit: float
    at_least: bool = False
    unit: str = "x"

    @property
    def median(self):
        return statistics.median(self.values)

    @property
    def met(self):
        return self.median >= self.limit if self.at_least else self.median <= self.limit

    def line(self):
        return (f"{self.name:4} {self.what:58} {number(self.median) + self.unit:>10} "
                f"{spread(self.values):>18}   {'>=' if self.at_least else '<='} "
                f"{number(self.limit) + self.unit:9} {'met' if self.met else 'MISSED'}")


def number(value):
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"


def spread(values):
    if len(values) == 1:
        return ""
    return f"({number(min(values))}..{number(max(values))})"


def ratios(above, below):
    """Of each repetition: what ran side by side is compared, not what ran minutes apart."""
    return [a / b for a, b in zip(above, below)]


def load_line(name, samples):
    """A load's repetitions; where several threads served it, a second line says which."""
    def of(key, scale=1.0):
        values = [sample[key] * scale for sample in samples]
        return f"{number(statistics.median(values)):>8} {spread(values):<17}"
    line = (f"{name:16} {of('server_cpu_us')} us CPU   {of('per_second', 1e-3)} k/s   "
            f"p50 {of('p50_us')} p99 {of('p99_us')} us")
    busy = sum(sample["busy"] for sample in samples)
    if busy:
        line += f"   told to try again: {busy:,}"
    threads = thread_shares(samples)
    return line + (f"\n{'':16} of it {threads}" if threads else "")


def thread_shares(samples):
    """The threads that took a noticeable part of the CPU time, if there are several."""
    medians = {name: statistics.median(sample["server_threads_us"].get(name, 0)
                                       for sample in samples)
               for name in samples[0]["server_threads_us"]}
    total = sum(medians.values())
    noticed = sorted((name for name in medians if medians[name] > 0.01 * total),
                     key=medians.get, reverse=True)
    if len(noticed) < 2:
        return ""
    return ", ".join(f"{name} {number(medians[name])}" for name in noticed)


def figure_line(name, unit, values):
    return f"{name:24} {number(statistics.median(values)):>8} {unit:11} {spread(values)}"


def print_goals(goals):
    print("\nGoals: median, (least..most) of the repetitions")
    for goal in goals:
        print(goal.line())
    missed = [goal for goal in goals if not goal.met]
    names = ", ".join(sorted({goal.name or goal.what for goal in missed}))
    print(f"\n{len(goals)} figures with a goal, {len(missed)} missed it"
          + (f" ({names}). They depend on the machine and on who else uses it." if missed else ""))
