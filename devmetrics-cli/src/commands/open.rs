//! From the global arguments to a configuration and an engine.

use std::path::Path;

use devmetrics_core::{Config, Engine, Result};

use crate::arguments::Global;

/// The configuration: the named file, else the default one where there is one, else the defaults; then the environment;
/// then the arguments.
pub(crate) fn config(global: &Global) -> Result<Config> {
    let default = Path::new(Config::FILE);
    let file = global
        .config
        .as_deref()
        .or_else(|| default.exists().then_some(default));
    let mut config = Config::load(file)?;
    if let Some(database) = &global.database {
        config.database = database.clone().into();
    }
    Ok(config)
}

/// The engine of the configuration, which must have been told where its facts come from or are.
pub(crate) async fn engine(global: &Global) -> Result<(Config, Engine)> {
    let config = config(global)?;
    let engine = Engine::open(&config).await?;
    Ok((config, engine))
}
