//! `--from` and `--to`: dates, instants and spans back from now.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use clap::Args;
use devmetrics_core::model::Window;
use devmetrics_core::{Error, ErrorKind, Result, end_of, instant_or_span};

const DEFAULT_FROM: &str = "90d";

/// The window of a question.
#[derive(Debug, Args)]
pub(crate) struct WindowArguments {
    /// The first day or instant: `2026-01-31`, `2026-01-31T12:00:00Z`, or a span back from now such as `90d` or `12w`.
    #[arg(long, default_value = DEFAULT_FROM)]
    from: String,

    /// The first day or instant no longer in it [default: now].
    #[arg(long)]
    to: Option<String>,

    /// The IANA zone that days and weeks are cut in [default: the team's, else the configuration's].
    #[arg(long)]
    pub(crate) zone: Option<String>,
}

impl WindowArguments {
    /// Whether nothing was said of the window.
    pub(crate) fn is_default(&self) -> bool {
        self.from == DEFAULT_FROM && self.to.is_none()
    }

    /// The window, its days read in `zone`.
    pub(crate) fn window(&self, zone: Tz, now: DateTime<Utc>) -> Result<Window> {
        let from = instant("--from", &self.from, zone, now)?;
        let to = self
            .to
            .as_deref()
            .map_or(Ok(now), |to| instant("--to", to, zone, now))?;
        if from >= to {
            let message = format!(
                "--from ({}) is not before --to ({}): exchange them",
                self.from,
                self.to.as_deref().unwrap_or("now")
            );
            return Err(Error::new(ErrorKind::InvalidInput, message));
        }
        Ok(Window { from, to })
    }
}

/// The window that `FROM..TO` names; `option` is what errors call it.
pub(crate) fn span(option: &str, text: &str, zone: Tz, now: DateTime<Utc>) -> Result<Window> {
    let wrong = |what: &str| {
        let message = format!("{option} `{text}` {what}: write two days such as 2026-01-01..2026-04-01");
        Error::new(ErrorKind::InvalidInput, message)
    };
    let (from, to) = text.split_once("..").ok_or_else(|| wrong("has no `..`"))?;
    let window = Window {
        from: instant(option, from, zone, now)?,
        to: instant(option, to, zone, now)?,
    };
    if window.from < window.to {
        Ok(window)
    } else {
        Err(wrong("does not begin before it ends"))
    }
}

/// The first instant that lies beyond `text`: a day, which is counted whole, or an instant.
pub(crate) fn deadline(option: &str, text: &str, zone: Tz) -> Result<DateTime<Utc>> {
    end_of(text, zone).ok_or_else(|| {
        let message = format!(
            "{option} `{text}` is no date: write a day (2026-01-31) or an instant (2026-01-31T12:00:00Z)"
        );
        Error::new(ErrorKind::InvalidInput, message)
    })
}

/// The instant that `text` names, its day read in `zone`; `option` is what errors call it.
pub(crate) fn instant(option: &str, text: &str, zone: Tz, now: DateTime<Utc>) -> Result<DateTime<Utc>> {
    instant_or_span(text, zone, now).ok_or_else(|| {
        let message = format!(
            "{option} `{text}` is no date: write a day (2026-01-31), an instant (2026-01-31T12:00:00Z) or a span back from now (90d, 12w)"
        );
        Error::new(ErrorKind::InvalidInput, message)
    })
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    fn parse(text: &str) -> Result<DateTime<Utc>> {
        let now = Utc.with_ymd_and_hms(2026, 4, 1, 12, 0, 0).unwrap();
        instant("--from", text, chrono_tz::Europe::Berlin, now)
    }

    #[test]
    fn a_day_begins_at_midnight_of_the_zone() {
        assert_eq!(
            parse("2026-01-31").unwrap(),
            Utc.with_ymd_and_hms(2026, 1, 30, 23, 0, 0).unwrap()
        );
    }

    #[test]
    fn an_instant_is_itself_and_a_span_goes_back() {
        assert_eq!(
            parse("2026-01-31T12:00:00+02:00").unwrap(),
            Utc.with_ymd_and_hms(2026, 1, 31, 10, 0, 0).unwrap()
        );
        assert_eq!(
            parse("2w").unwrap(),
            Utc.with_ymd_and_hms(2026, 3, 18, 12, 0, 0).unwrap()
        );
    }

    #[test]
    fn a_deadline_counts_its_day_whole() {
        let at = |text| deadline("--by", text, chrono_tz::Europe::Berlin).unwrap();
        assert_eq!(
            at("2026-01-31"),
            Utc.with_ymd_and_hms(2026, 1, 31, 23, 0, 0).unwrap()
        );
        assert_eq!(
            at("2026-01-31T12:00:00Z"),
            Utc.with_ymd_and_hms(2026, 1, 31, 12, 0, 0).unwrap()
        );
        assert!(
            deadline("--by", "90d", Tz::UTC)
                .unwrap_err()
                .to_string()
                .contains("--by")
        );
    }

    #[test]
    fn a_span_begins_before_it_ends() {
        let now = Utc.with_ymd_and_hms(2026, 4, 1, 12, 0, 0).unwrap();
        let of = |text| span("--before", text, Tz::UTC, now);
        assert_eq!(of("2026-01-01..2026-01-08").unwrap().seconds(), 7 * 86_400);
        assert_eq!(of("14d..7d").unwrap().seconds(), 7 * 86_400);
        for text in [
            "2026-01-01",
            "2026-01-08..2026-01-01",
            "2026-01-08..2026-01-08",
            "..",
            "a..b",
        ] {
            assert!(of(text).unwrap_err().to_string().contains("--before"), "{text}");
        }
    }

    #[test]
    fn anything_else_says_what_can_be_written() {
        for text in ["yesterday", "2026-02-30", "", "99999999999999999y"] {
            let error = parse(text).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(
                error.to_string().contains("--from") && error.to_string().contains("2026-01-31"),
                "{error}"
            );
        }
    }
}
