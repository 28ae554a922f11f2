use csv::StringRecord;
use serde_json::{Map, Value};

use super::record::Record;
use super::records::{Records, unknown_field};
use crate::{Result, csv_rows};

impl<R: Record> Records<R> {
    /// Reads CSV text with a header line; `name` is the file's, for messages. The columns are the fields, in any order; an empty
    /// cell is none, and `;` separates several values.
    ///
    /// # Errors
    /// `InvalidInput` that names the file, the line, the record and the column, and what to do.
    pub fn from_csv(name: &str, text: &str) -> Result<Self> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut read = Self::of(name);
        let mut rows = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let not_csv = |error: &csv::Error| {
            let (line, message) = csv_rows::unreadable(error);
            Self::of(name).unreadable(line, message)
        };
        let header = rows.headers().map_err(|error| not_csv(&error))?.clone();
        check_header(&read, &header)?;
        for row in rows.records() {
            let row = row.map_err(|error| not_csv(&error))?;
            read.push(object::<R>(&header, &row), csv_rows::line(&row, text))?;
        }
        Ok(read)
    }
}

fn check_header<R: Record>(read: &Records<R>, header: &StringRecord) -> Result<()> {
    if header.iter().all(str::is_empty) {
        let message = format!("the first line must name the columns: {}", R::FIELDS.join(","));
        return Err(read.unreadable(None, message));
    }
    for (index, column) in header.iter().enumerate() {
        if !R::FIELDS.contains(&column) {
            return Err(read.unreadable(Some(1), unknown_field::<R>("column", column)));
        }
        if header.iter().take(index).any(|before| before == column) {
            let message = format!("column `{column}` is there twice; remove one");
            return Err(read.unreadable(Some(1), message));
        }
    }
    Ok(())
}

/// What the row would be in JSON.
fn object<R: Record>(header: &StringRecord, row: &StringRecord) -> Map<String, Value> {
    let cells = header.iter().zip(row).filter(|(_, cell)| !cell.is_empty());
    let value = |column: &str, cell: &str| {
        if R::LISTS.contains(&column) {
            let texts = cell.split(';').map(str::trim);
            texts.filter(|text| !text.is_empty()).map(Value::from).collect()
        } else {
            Value::from(cell)
        }
    };
    cells
        .map(|(column, cell)| (column.to_owned(), value(column, cell)))
        .collect()
}
