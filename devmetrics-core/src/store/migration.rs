//! Which migrations a database has, and which this build knows.

use sqlx::SqlSafeStr;
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};

use super::*;

/// The table that names the migrations of a database: its own, so that a PostgreSQL database can be shared.
pub(super) const TABLE: &str = "devmetrics_migrations";

/// The migrations of a database, from a folder of the repository's `migrations`. (`sqlx::migrate!` would do the same, but
/// brings a compiler plug-in that builds every driver a second time.)
macro_rules! migrations {
    ($folder:literal: $($version:literal $name:literal),+ $(,)?) => {
        crate::store::migration::migrator(vec![$((
            $version,
            $name,
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/", $folder, "/", $name, ".sql")),
        )),+])
    };
}
pub(super) use migrations;

/// Keeps which of these `(version, name, text)` a database has in [`TABLE`].
pub(super) fn migrator(texts: Vec<(i64, &'static str, &'static str)>) -> Migrator {
    let migrations = texts.into_iter().map(|(version, name, text)| {
        Migration::new(
            version,
            name.into(),
            MigrationType::Simple,
            text.into_sql_str(),
            false,
        )
    });
    let mut migrator = Migrator::with_migrations(migrations.collect());
    migrator.dangerous_set_table_name(TABLE);
    migrator
}

/// Whether a database whose newest migration is `version` needs nothing.
///
/// # Errors
/// `Unsupported` when it is newer than this build.
pub(super) fn up_to_date(migrator: &Migrator, version: Option<i64>) -> Result<bool> {
    let newest = migrator.iter().map(|migration| migration.version).max();
    match (version, newest) {
        (Some(version), Some(newest)) if version > newest => Err(Error::new(
            ErrorKind::Unsupported,
            format!(
                "the database was written by a newer devmetrics (migration {version}); this one knows up to {newest}: \
                 upgrade"
            ),
        )),
        (version, newest) => Ok(version == newest),
    }
}

/// What a failed migration means to the caller.
pub(super) fn fault(error: MigrateError, database: impl Fn(sqlx::Error) -> Error) -> Error {
    match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => database(error),
        error => Error::new(
            ErrorKind::Corrupt,
            "the database was made by other migrations than this devmetrics has; use the build that made it",
        )
        .caused_by(error),
    }
}
