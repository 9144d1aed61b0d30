"""A contract for import-linter: leaves of one folder do not know each other, and nobody else knows a leaf.

A leaf is a module or package of a leaf folder whose name has no leading underscore. What begins with an underscore is what
the leaves of that folder share: it knows no leaf, and stays inside the folder. import-linter's own contracts have no
words for that difference.
"""

from __future__ import annotations

from dataclasses import dataclass

import grimp
from importlinter import Contract, ContractCheck, fields, output


class LeavesContract(Contract):
    """`folders`: packages of leaves. `open`: those whose leaves the rest of the house may import by name."""

    type_name = "leaves"

    folders = fields.ListField(subfield=fields.StringField())
    open = fields.ListField(subfield=fields.StringField(), required=False)

    def check(self, graph: grimp.ImportGraph, verbose: bool) -> ContractCheck:  # noqa: FBT001 - import-linter's signature
        del verbose
        known_to_all = set(self.open or ())
        wrong = [
            line
            for name in sorted(self.folders)
            if name in graph.modules
            for line in Folder(graph, name).wrong(by_name=name in known_to_all)
        ]
        return ContractCheck(kept=not wrong, metadata={"wrong": wrong})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for line in check.metadata["wrong"]:
            output.print_error(line)


@dataclass(frozen=True, slots=True)
class Folder:
    """One package of leaves, in the graph of all imports."""

    graph: grimp.ImportGraph
    name: str

    def wrong(self, *, by_name: bool) -> list[str]:
        """What is wrong with it, a line each."""
        children = sorted(self.graph.find_children(self.name))
        leaves = [each for each in children if not each.rpartition(".")[2].startswith("_")]
        shared = [each for each in children if each not in leaves]
        found = [self._chain(one, other) for one in leaves for other in leaves if one != other]
        found += [self._chain(one, leaf) for one in shared for leaf in leaves]
        found += [] if by_name else [self._known_outside(child) for child in children]
        return [line for line in found if line]

    def _chain(self, one: str, other: str) -> str:
        chain = self.graph.find_shortest_chain(importer=one, imported=other, as_packages=True)
        return f"{one} knows {other}: {' -> '.join(chain)}" if chain else ""

    def _known_outside(self, child: str) -> str:
        inside = self.graph.find_descendants(self.name) | {self.name}
        importers: set[str] = set()
        for module in {child} | self.graph.find_descendants(child):
            importers |= self.graph.find_modules_that_directly_import(module)
        return f"{child} is imported by name: {', '.join(sorted(importers - inside))}" if importers - inside else ""
