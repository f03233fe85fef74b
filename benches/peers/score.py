"""Precision and recall of one tool's answer against the exact near-duplicate pairs of the corpus."""
import collections
import dataclasses


@dataclasses.dataclass
class RemovedScore:
    """How well a set of removed documents agrees with exact clustering. A share is None where it would be 0 of 0."""

    removed: int  # documents that the tool removes
    precision: float | None  # share of them that have a true near-duplicate
    recall: float | None  # share of the surplus documents that are removed, see score_removed
    lost: int  # true clusters of which no member is kept


@dataclasses.dataclass
class PairScore:
    """How well a set of pairs agrees with the true ones. A share is None where it would be 0 of 0."""

    pairs: int
    precision: float | None
    recall: float | None


def share(part, whole):
    """part / whole, or None when whole is 0."""
    return part / whole if whole else None


def unordered(pairs):
    """The pairs as a set in which (a, b) and (b, a) are one."""
    return {(min(pair), max(pair)) for pair in pairs}


def clusters(pairs):
    """Lists of ids: the connected components of the pairs."""
    neighbours = collections.defaultdict(list)
    for one, other in pairs:
        neighbours[one].append(other)
        neighbours[other].append(one)
    found, seen = [], set()
    for start in neighbours:
        if start in seen:
            continue
        seen.add(start)
        component = [start]
        for member in component:  # grows while it is walked
            fresh = [n for n in dict.fromkeys(neighbours[member]) if n not in seen]
            seen.update(fresh)
            component += fresh
        found.append(component)
    return found


def score_removed(removed, true_clusters):
    """Scores a set of removed ids.

    Exact clustering keeps one document of each true cluster, whichever; the rest is its surplus. Of a cluster of n, up to
    n - 1 removed documents count towards recall, and the last one too counts as right for precision but as a lost cluster.
    """
    right = hit = lost = 0
    for members in true_clusters:
        gone = sum(member in removed for member in members)
        right += gone
        hit += min(gone, len(members) - 1)
        lost += gone == len(members)
    surplus = sum(len(members) - 1 for members in true_clusters)
    return RemovedScore(len(removed), share(right, len(removed)), share(hit, surplus), lost)


def score_pairs(pairs, true_pairs):
    """Scores a set of pairs; both sets as `unordered` gives them."""
    both = len(pairs & true_pairs)
    return PairScore(len(pairs), share(both, len(pairs)), share(both, len(true_pairs)))
