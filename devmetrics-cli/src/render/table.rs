use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

/// An unframed table: a header, then rows; the columns at `numbers` to the right, the others to the left.
pub(crate) fn table<const N: usize>(
    header: [&str; N],
    numbers: &[usize],
    rows: impl IntoIterator<Item = [String; N]>,
) -> Table {
    let mut table = unframed();
    table.set_header(header);
    for row in rows {
        table.add_row(row);
    }
    for index in numbers {
        if let Some(column) = table.column_mut(*index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// A table without lines that fits the terminal.
pub(super) fn unframed() -> Table {
    let mut table = Table::new();
    table
        .load_preset(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic);
    table
}
