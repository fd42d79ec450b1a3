from dataclasses import dataclass
@dataclass(frozen=True)
class Cell:
    name: str
    kind: str
    source: str
def needed(cells):
    first=next((i for i,c in enumerate(cells) if c.kind=="given"),None)
    return [c.kind in("answer","own") or i==first for i,c in enumerate(cells)]
