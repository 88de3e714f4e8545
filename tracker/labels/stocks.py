"""The paper that labels are printed on: A4 sheets of die-cut labels, and rolls. Lengths in millimetres."""

from dataclasses import dataclass

from tracker.typesetting import A4_HEIGHT, A4_WIDTH, INCH


@dataclass(frozen=True)
class SheetStock:
    """A die-cut A4 sheet: where each label lies, and how far its print stays from its edges.

    `name` is the maker's number; screens add the size and the count in the reader's language.

    The module (the narrowest bar) and the square one (of the QR) are whole numbers of dots of a 600 dpi printer,
    so that bars come out even. The padding is never less than the quiet zones.
    """

    name: str
    columns: int
    rows: int
    label_width: float
    label_height: float
    margin_left: float
    margin_top: float
    pitch_x: float
    pitch_y: float
    padding_x: float
    padding_y: float
    module: float = 7 * INCH / 600
    square_module: float = 14 * INCH / 600
    page_width: float = A4_WIDTH
    page_height: float = A4_HEIGHT

    @property
    def per_page(self) -> int:
        """How many labels a page holds."""
        return self.columns * self.rows

    def position(self, slot: int) -> tuple[float, float]:
        """Left and top of the label in `slot` (0 = top left, then along the row)."""
        row, column = divmod(slot, self.columns)
        return self.margin_left + column * self.pitch_x, self.margin_top + row * self.pitch_y


@dataclass(frozen=True)
class Roll:
    """A roll for a label printer: one page is one label, cut by the printer.

    Such printers have 300 dpi: the module is three of their dots.
    """

    name: str = "62×29"
    label_width: float = 62.0
    label_height: float = 29.0
    padding_x: float = 4.0
    padding_y: float = 2.1
    module: float = 3 * INCH / 300
    square_module: float = 6 * INCH / 300

    @property
    def per_page(self) -> int:
        """One."""
        return 1

    @property
    def page_width(self) -> float:
        """The label's own width."""
        return self.label_width

    @property
    def page_height(self) -> float:
        """The label's own height."""
        return self.label_height

    def position(self, slot: int) -> tuple[float, float]:
        """Always the page's corner."""
        return 0.0, 0.0


Stock = SheetStock | Roll

# 3474 reaches the paper's edges, where office printers cannot print (some 4 mm): hence its wide padding.
STOCKS: dict[str, SheetStock] = {
    "L7160": SheetStock(
        "L7160",
        3,
        7,
        63.5,
        38.1,
        7.21,
        15.15,
        66.04,
        38.1,
        padding_x=3,
        padding_y=2.6,
    ),
    "3474": SheetStock(
        "3474",
        3,
        8,
        70.0,
        37.0,
        0.0,
        0.5,
        70.0,
        37.0,
        padding_x=5.5,
        padding_y=4,
        module=8 * INCH / 600,
    ),
}
ROLL = Roll()
