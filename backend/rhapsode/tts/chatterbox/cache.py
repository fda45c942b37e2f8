"""KeyValueCache: room for the keys and values of all slots, allotted once."""

import torch
import torch.nn.functional as F
from torch import Tensor

from rhapsode.tts.chatterbox.backbone import Attend, Backbone


class KeyValueCache:
    """Keys and values, shape (layers, rows, heads, positions, head_dim) each."""

    def __init__(
        self,
        backbone: Backbone,
        rows: int,
        max_positions: int,
        dtype: torch.dtype,
        device: torch.device,
    ) -> None:
        """Allot it, all zeros."""
        shape = (backbone.layers, rows, backbone.heads, max_positions, backbone.head_dim)
        self.keys = torch.zeros(shape, dtype=dtype, device=device)
        self.values = torch.zeros(shape, dtype=dtype, device=device)
        self._positions = torch.arange(max_positions, device=device)
        self._rows = torch.arange(rows, device=device)

    def put(self, first: int, rows: int, keys: Tensor, values: Tensor) -> None:
        """Fill the first positions of some rows; shapes (layers, heads, T, head_dim)."""
        length = keys.shape[2]
        self.keys[:, first : first + rows, :, :length] = keys[:, None]
        self.values[:, first : first + rows, :, :length] = values[:, None]

    def clear(self, first: int, rows: int, length: int) -> None:
        """Zero the first positions of some rows.

        A masked value still takes part, times zero, and zero times NaN is NaN: what one request
        left behind must not reach the next.
        """
        self.keys[:, first : first + rows, :, :length] = 0
        self.values[:, first : first + rows, :, :length] = 0

    def filling(self, first: int, rows: int, start: int, length: int) -> Attend:
        """Return attention for positions `start` to `start + length` of some rows, causal."""
        end = start + length
        mask = self._positions[:end] <= self._positions[start:end, None]

        def attend(layer: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
            keys = self.keys[layer, first : first + rows]
            values = self.values[layer, first : first + rows]
            keys[:, :, start:end], values[:, :, start:end] = key, value
            return F.scaled_dot_product_attention(
                query, keys[:, :, :end], values[:, :, :end], attn_mask=mask
            )

        return attend

    def stepping(self, positions: Tensor, span: int) -> Attend:
        """Return attention for one new position in each of the first rows.

        Args:
            positions: Shape (rows,), int64: where each row writes; it sees itself and what is
                before it.
            span: How many positions take part, more than every position. No host waits.
        """
        rows = len(positions)
        mask = (self._positions[:span] <= positions[:, None])[:, None, None]

        def attend(layer: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
            self.keys[layer, self._rows[:rows], :, positions] = key[:, :, 0]
            self.values[layer, self._rows[:rows], :, positions] = value[:, :, 0]
            keys, values = self.keys[layer, :rows, :, :span], self.values[layer, :rows, :, :span]
            return F.scaled_dot_product_attention(query, keys, values, attn_mask=mask)

        return attend


class Recorder:
    """Causal attention that keeps the keys and values it sees, for one row."""

    def __init__(self) -> None:
        self._keys: list[Tensor] = []
        self._values: list[Tensor] = []

    def attend(self, _layer: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """Attend to what is before; shapes (1, heads, T, head_dim)."""
        self._keys.append(key[0])
        self._values.append(value[0])
        return F.scaled_dot_product_attention(query, key, value, is_causal=True)

    def recorded(self) -> tuple[Tensor, Tensor]:
        """Return keys and values, shapes (layers, heads, T, head_dim)."""
        return torch.stack(self._keys), torch.stack(self._values)
