"""Where things happen: a few places that every town of the world has."""

from nanochat.data.world import english
from nanochat.data.world.draw import Table

AT = {
    "mill": "in the mill",
    "barn": "in the barn",
    "garden": "in the garden",
    "forest": "in the forest",
    "kitchen": "in the kitchen",
    "school": "in the school",
    "tower": "in the tower",
    "cave": "in the cave",
    "market": "at the market",
    "well": "at the well",
    "river": "by the river",
    "lake": "by the lake",
    "bridge": "under the bridge",
    "hill": "on the hill",
}
PLACES = tuple(AT)
PLACE = Table(PLACES)


def words_for(role: str, place: str) -> dict[str, str]:
    """What phrases may say of the place in this role: its name, and being there."""
    at = AT[place]
    return {role: place, f"at_{role}": at, f"At_{role}": english.sentence(at)}
