"""Data that the tests share: invented outlets and stories."""

from __future__ import annotations

import pytest

LEAD = "The harbour master of Marsa counted nineteen boats at dawn, and wrote the name of each in the ledger with a careful hand."
RAIN = "Rain is expected over the northern valleys from Thursday on, and farmers were asked to bring in what is left of the barley."


def story(lead: str, number: int) -> str:
    """A story of some length that no other resembles."""
    own = " ".join(f"word{number}x{at}" for at in range(30))
    return f"{lead}\n{own}"


@pytest.fixture
def records() -> list[dict[str, object]]:
    """Six records: 1 repeats 0 in other case, 3 is near 2, 4 has no text, 5 repeats itself."""
    base = story(RAIN, 7)
    return [
        {"id": "m0", "body": LEAD, "date": "2024-01-01", "outlet": "Marsa"},
        {"id": "m1", "body": LEAD.upper(), "date": "2024-01-02", "outlet": "Tamarind"},
        {"id": "m2", "body": base, "date": "2024-01-03", "outlet": "Marsa"},
        {"id": "m3", "body": base + " again", "date": "2024-01-04", "outlet": "Tamarind"},
        {"id": "m4", "body": None, "date": None, "outlet": None},
        {"id": "m5", "body": story(LEAD[::-1], 9) + "\n" + story(LEAD[::-1], 9).split("\n")[1], "date": None, "outlet": "Marsa"},
    ]
