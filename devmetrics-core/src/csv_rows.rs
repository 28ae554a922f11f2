//! Where a CSV file's rows stand, and what is wrong with one.

use csv::StringRecord;

/// The line that a row begins in. The library gives the place where it began to look for the row, before blank lines.
pub(crate) fn line(row: &StringRecord, text: &str) -> u64 {
    let Some(position) = row.position() else {
        return 1;
    };
    let begin = usize::try_from(position.byte()).unwrap_or(text.len());
    let blank = text
        .bytes()
        .skip(begin)
        .take_while(|byte| matches!(byte, b'\n' | b'\r'));
    position.line() + blank.filter(|byte| *byte == b'\n').count() as u64
}

/// The line that cannot be read, where it is known, and why.
pub(crate) fn unreadable(error: &csv::Error) -> (Option<u64>, String) {
    let line = error.position().map(csv::Position::line);
    let message = match error.kind() {
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => {
            format!("the row has {len} fields and the header {expected_len}; add or remove commas")
        }
        _ => format!("not CSV: {error}"),
    };
    (line, message)
}
