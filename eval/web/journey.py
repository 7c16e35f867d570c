"""From a description to the greeting, in a real browser: how long it takes, and how long nothing new is to be seen."""

from statistics import median

from personify.eval.speed import Figure
from personify.eval.web.process import AppProcess
from personify.eval.web.visiting import Made, make, page_at

DESCRIPTIONS = (
    "a grumpy teapot who loves astronomy",
    "a cheerful lighthouse keeper",
    "an old whispering owl",
    "a shy robot gardener",
    "a proud strawberry who sings opera",
    "a fox who sells second-hand maps",
)
GREETING_S, GAP_S = 6.0, 1.0


def measure(descriptions: tuple[str, ...] = DESCRIPTIONS) -> list[Made]:
    """One character of each description, after one that warms the app up, all on one page."""
    with AppProcess() as app, page_at(app.url) as page:
        make(page, "a brass compass")
        return [make(page, description) for description in descriptions]


def figures(made: list[Made]) -> list[Figure]:
    """The median and the worst, beside what they may be."""
    greetings, gaps = [one.greeting_s for one in made], [one.gap_s for one in made]
    slowest = max(made, key=lambda one: one.gap_s)
    count = f"{len(made)} descriptions"
    return [
        Figure("describe to greeting, median", round(median(greetings), 3), "s", GREETING_S, count, tuple(greetings)),
        Figure("describe to greeting, worst", round(max(greetings), 3), "s", GREETING_S),
        Figure("longest time with nothing new on screen", round(max(gaps), 3), "s", GAP_S, f"before {slowest.before}"),
    ]
