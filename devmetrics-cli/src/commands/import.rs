//! What `incidents import` and `deployments import` share.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use devmetrics_core::engine::{IMPORT, ImportOptions};
use devmetrics_core::import::{Record, Records};
use devmetrics_core::{Engine, Error, ErrorKind, Result};

use super::open;
use crate::arguments::Global;
use crate::dates;

/// Which file, whose it is, and what becomes of it.
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// A `.json`, `.jsonl` or `.csv` file, or `-` for standard input.
    file: PathBuf,

    /// The form of the file [default: by its name].
    #[arg(long, value_enum)]
    format: Option<FileFormat>,

    /// Who tells, as a part of every id: `pagerduty`.
    #[arg(long, value_name = "NAME", default_value = IMPORT)]
    source: String,

    /// The file is all that the source has of the repositories that it names: what is not in it is removed.
    #[arg(long)]
    complete: bool,

    /// A repository that the file speaks of even if it has no record of it, by name or id; may be repeated.
    #[arg(long = "repository", value_name = "NAME")]
    repositories: Vec<String>,

    /// From when on the source tells everything: `2026-01-31`, `2026-01-31T12:00:00Z` or `90d` [default: its first record].
    #[arg(long, value_name = "DATE|DURATION")]
    since: Option<String>,

    /// Makes repositories that do not exist.
    #[arg(long)]
    create_repositories: bool,

    /// Checks and counts everything, and changes nothing.
    #[arg(long)]
    dry_run: bool,

    /// Prints the outcome as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum FileFormat {
    /// A list of objects, or one object after the other.
    Json,
    /// A header line with the names of the fields, and one line a record.
    Csv,
}

impl Import {
    pub(crate) fn json(&self) -> bool {
        self.json
    }

    /// The records of the file. Read before anything is opened.
    pub(crate) fn records<R: Record>(&self) -> Result<Records<R>> {
        let (format, text) = (self.format()?, self.text()?);
        let name = match self.is_standard_input() {
            true => "standard input".to_owned(),
            false => self.file.display().to_string(),
        };
        match format {
            FileFormat::Json => Records::from_json(&name, &text),
            FileFormat::Csv => Records::from_csv(&name, &text),
        }
    }

    pub(crate) async fn open(&self, global: &Global) -> Result<(Engine, ImportOptions)> {
        let (config, engine) = open::engine(global).await?;
        let since = self.since.as_ref();
        let since = since.map(|text| dates::instant("--since", text, config.zone, engine.now()));
        let options = ImportOptions {
            source: self.source.clone(),
            complete: self.complete,
            repositories: self.repositories.clone(),
            since: since.transpose()?,
            create_repositories: self.create_repositories,
            dry_run: self.dry_run,
        };
        Ok((engine, options))
    }

    fn is_standard_input(&self) -> bool {
        self.file == Path::new("-")
    }

    fn format(&self) -> Result<FileFormat> {
        let extension = self.file.extension().and_then(|extension| extension.to_str());
        match (self.format, extension) {
            (Some(format), _) => Ok(format),
            (None, Some("json" | "jsonl" | "ndjson")) => Ok(FileFormat::Json),
            (None, Some("csv")) => Ok(FileFormat::Csv),
            (None, _) => Err(Error::new(
                ErrorKind::InvalidInput,
                "the form of the file is not known by its name; say `--format json` or `--format csv`",
            )
            .with("file", self.file.display())),
        }
    }

    fn text(&self) -> Result<String> {
        let mut bytes = Vec::new();
        let read = if self.is_standard_input() {
            std::io::stdin().lock().read_to_end(&mut bytes).map(|_| ())
        } else {
            std::fs::read(&self.file).map(|read| bytes = read)
        };
        let file = self.file.display();
        read.map_err(|error| {
            let kind = match error.kind() {
                std::io::ErrorKind::NotFound => ErrorKind::NotFound,
                _ => ErrorKind::InvalidInput,
            };
            Error::new(kind, format!("the file `{file}` cannot be read")).caused_by(error)
        })?;
        String::from_utf8(bytes).map_err(|error| {
            Error::new(ErrorKind::InvalidInput, "the file is not UTF-8; save it as that")
                .with("file", file)
                .caused_by(error)
        })
    }
}
