"""What is wanted of a character beyond its description; it counts only where the description leaves it open."""

from collections.abc import Container
from dataclasses import dataclass, field

from personify.avatar.brief import Age, Gender


@dataclass(frozen=True)
class Wanted:
    """Wishes of whoever makes many characters; empty means open.

    `kind`, `role`, `tempers` and `interest` are words of the lexicon; `place` is a phrase such as "above the old
    bakery". `taken` are names that others bear: a drawn name is none of them; a name that the description gives may be.
    """

    gender: Gender | None = None
    age: Age | None = None
    kind: str | None = None
    role: str | None = None
    tempers: tuple[str, ...] = ()
    interest: str | None = None
    place: str | None = None
    taken: Container[str] = field(default=frozenset(), compare=False, repr=False)

    @property
    def adds(self) -> bool:
        """Whether anything is asked of the character itself."""
        return self != NOTHING

    def words(self) -> tuple[str, ...]:
        """The wishes in English, a few words each, such as "elderly" and "loves astronomy"."""
        said = (
            self.age,
            self.gender,
            self.kind,
            self.role,
            *self.tempers,
            self.interest and f"loves {self.interest}",
            self.place and f"lives {self.place}",
        )
        return tuple(word for word in said if word)


NOTHING = Wanted()
