//! Exit codes: the same error always gives the same code.

use std::error::Error as _;

use devmetrics_core::{Error, ErrorKind};

/// Printed below the long help.
pub(crate) const HELP: &str = "Exit codes:
  0    done
  1    a defect, or stored data that contradicts itself
  2    wrong input: an argument, the configuration, a roster
  3    not found: a team, a repository, a file, a database
  4    conflict: another sync won; run again
  5    not allowed: no credential, a refused one, or missing permissions
  6    for now: a lock, a connection, a limit; the same call may succeed later
  7    a version that this build does not know
  130  interrupted; what was done is kept";

/// The code of a defect.
pub(crate) const DEFECT: u8 = 1;

/// The code of wrong input.
pub(crate) const WRONG_INPUT: u8 = 2;

/// Prints the error with its causes, and gives its code.
pub(crate) fn code(result: Result<(), Error>) -> u8 {
    let Err(error) = result else {
        return 0;
    };
    eprintln!("error: {error}");
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(source) = cause {
        // Libraries like to repeat in an error what its cause says.
        let text = source.to_string();
        if !told.contains(&text) {
            eprintln!("  because: {text}");
            told.push_str(&text);
        }
        cause = source.source();
    }
    of(error.kind())
}

fn of(kind: ErrorKind) -> u8 {
    match kind {
        ErrorKind::InvalidInput => WRONG_INPUT,
        ErrorKind::NotFound => 3,
        ErrorKind::Conflict => 4,
        ErrorKind::Unauthenticated | ErrorKind::PermissionDenied => 5,
        ErrorKind::RateLimited | ErrorKind::Unavailable => 6,
        ErrorKind::Unsupported => 7,
        ErrorKind::Cancelled => 130,
        _ => DEFECT,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_in_the_help() {
        for kind in ErrorKind::ALL {
            assert!(HELP.contains(&format!("\n  {:<4} ", of(kind))), "{kind}");
        }
    }
}
