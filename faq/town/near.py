"""Which district is how near: by the neighbours that a town's file names."""

from faq.town.model import Office, Town


def nearest_districts(town: Town, district: str) -> tuple[str, ...]:
    """All districts, that one first, then its neighbours, then theirs; those that nothing joins come last, in the
    file's order. A neighbour of one is a neighbour of the other, whichever of them names it."""
    beside = {
        here.id: (*here.near, *(other.id for other in town.districts.values() if here.id in other.near))
        for here in town.districts.values()
    }
    found = dict.fromkeys([district] if district in beside else [])
    for here in (walked := list(found)):
        fresh = [there for there in dict.fromkeys(beside[here]) if there not in found]
        found.update(dict.fromkeys(fresh))
        walked += fresh
    return tuple(dict.fromkeys((*found, *town.districts)))


def nearest_office(town: Town, office: Office, district: str) -> Office:
    """Of the office and those that do the same work, the one in the district or nearest to it; where several are, or
    nothing tells, the office itself, then the file's order."""
    order = {here: place for place, here in enumerate(nearest_districts(town, district))}
    alike = [office, *(other for other in town.offices.values() if other.same_work(office))]
    return min(alike, key=lambda one: order.get(one.district, len(order)))
