"""A list for QML whose delegates survive updates: rows are matched by key, so a finger on a button is never lost to a refresh."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

_ROW = int(Qt.ItemDataRole.UserRole) + 1

Index = QModelIndex | QPersistentModelIndex


class Rows(QAbstractListModel):
    """One role, "row": a map of plain values."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[tuple[str, dict[str, Any]]] = []

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802  Qt's own signature
        """Qt."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = _ROW) -> Any:
        """Qt."""
        return self._rows[index.row()][1] if index.isValid() and role == _ROW else None

    def roleNames(self) -> dict[int, Any]:  # noqa: N802  Qt's own name
        """Qt."""
        return {_ROW: b"row"}

    def replace(self, rows: list[tuple[str, dict[str, Any]]]) -> None:
        """Become these (key, map) rows with the fewest steps; keys are unique."""
        wanted = {key for key, _ in rows}
        for position in reversed(range(len(self._rows))):
            if self._rows[position][0] not in wanted:
                self.beginRemoveRows(QModelIndex(), position, position)
                del self._rows[position]
                self.endRemoveRows()
        for position, (key, row) in enumerate(rows):
            self._place(position, key, row)

    def _place(self, position: int, key: str, row: dict[str, Any]) -> None:
        present = next((at for at, (other, _) in enumerate(self._rows) if other == key), None)
        if present is None:
            self.beginInsertRows(QModelIndex(), position, position)
            self._rows.insert(position, (key, row))
            self.endInsertRows()
            return
        if present != position:
            self.beginMoveRows(QModelIndex(), present, present, QModelIndex(), position)
            self._rows.insert(position, self._rows.pop(present))
            self.endMoveRows()
        if self._rows[position][1] != row:
            self._rows[position] = (key, row)
            self.dataChanged.emit(self.index(position), self.index(position))
