use std::fs;
use std::io::{ErrorKind as IoKind, Write};
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};

use super::host::Host;
use crate::{Error, ErrorKind, Result};

/// The file that keeps the token of `devmetrics login`, for its owner alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginFile {
    path: PathBuf,
}

impl LoginFile {
    /// The file at `path`, whether it exists or not.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Where the token for `host` is kept: below `XDG_CONFIG_HOME`, or `.config` of the home folder.
    ///
    /// # Errors
    /// `NotFound` when the environment names neither.
    pub fn locate(host: &Host, read_env: &dyn Fn(&str) -> Option<String>) -> Result<Self> {
        let folder = |name| {
            read_env(name)
                .map(PathBuf::from)
                .filter(|path| path.is_absolute())
        };
        let base = folder("XDG_CONFIG_HOME")
            .or_else(|| Some(folder("HOME")?.join(".config")))
            .ok_or_else(|| {
                Error::new(
                    ErrorKind::NotFound,
                    "there is no home folder to keep a login in: set HOME, or give a token by an environment variable",
                )
            })?;
        let name = host.name().replace([':', '/', '[', ']'], "_");
        Ok(Self::new(base.join("devmetrics").join(format!("{name}.token"))))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The token; `None` when nobody has logged in.
    ///
    /// # Errors
    /// `PermissionDenied` when others may read the file, or we may not.
    pub fn read(&self) -> Result<Option<SecretString>> {
        let text = match self
            .refuse_shared()
            .and_then(|()| fs::read_to_string(&self.path).map_err(|e| self.failed("read", e)))
        {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let token = text.trim();
        Ok((!token.is_empty()).then(|| SecretString::from(token)))
    }

    /// Keeps `token` in place of an earlier one.
    ///
    /// # Errors
    /// `PermissionDenied` or `Unavailable` when the file or its folder cannot be written; the earlier token stays.
    pub fn write(&self, token: &SecretString) -> Result<()> {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        if let Some(folder) = folder {
            private_folder(folder).map_err(|error| self.failed("written", error))?;
        }
        // A new file is renamed into place: whoever reads sees the old token or the new one, whole.
        let result =
            tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new("."))).and_then(|mut file| {
                file.write_all(token.expose_secret().as_bytes())?;
                file.as_file().sync_all()?;
                file.persist(&self.path).map_err(|error| error.error)
            });
        result.map(drop).map_err(|error| self.failed("written", error))
    }

    /// Forgets the token; nothing happens when there is none.
    ///
    /// # Errors
    /// `PermissionDenied` or `Unavailable` when the file cannot be removed.
    pub fn remove(&self) -> Result<()> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != IoKind::NotFound => Err(self.failed("removed", error)),
            _ => Ok(()),
        }
    }

    #[cfg(unix)]
    fn refuse_shared(&self) -> Result<()> {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(&self.path)
            .map_err(|error| self.failed("read", error))?
            .permissions()
            .mode();
        if mode & 0o077 == 0 {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::PermissionDenied,
            format!(
                "others may read the token in {0}: run `devmetrics login` for a new one after `chmod 600 {0}`",
                self.path.display()
            ),
        ))
    }

    #[cfg(not(unix))]
    fn refuse_shared(&self) -> Result<()> {
        Ok(()) // a profile's folder is its owner's alone
    }

    fn failed(&self, what: &str, error: std::io::Error) -> Error {
        let kind = match error.kind() {
            IoKind::NotFound => ErrorKind::NotFound,
            IoKind::PermissionDenied => ErrorKind::PermissionDenied,
            _ => ErrorKind::Unavailable,
        };
        Error::new(kind, format!("the login cannot be {what}"))
            .with("file", self.path.display())
            .caused_by(error)
    }
}

/// Makes `folder` for its owner alone; one that exists stays as it is.
fn private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_token_is_kept_for_its_owner_alone_and_replaced_whole() {
        let folder = tempfile::tempdir().unwrap();
        let file = LoginFile::new(folder.path().join("a/devmetrics/github.com.token"));
        assert!(file.read().unwrap().is_none());
        for token in ["gho_one", "gho_two"] {
            file.write(&SecretString::from(token)).unwrap();
            assert_eq!(file.read().unwrap().unwrap().expose_secret(), token);
        }
        assert_eq!(mode(file.path()), 0o600);
        assert_eq!(mode(file.path().parent().unwrap()), 0o700);
        let beside = fs::read_dir(file.path().parent().unwrap()).unwrap().count();
        assert_eq!(beside, 1, "nothing is left of the writing");
        file.remove().unwrap();
        file.remove().unwrap();
        assert!(file.read().unwrap().is_none());
    }

    #[test]
    fn a_file_that_others_may_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = LoginFile::new(folder.path().join("token"));
        file.write(&SecretString::from("gho_canary")).unwrap();
        fs::set_permissions(file.path(), fs::Permissions::from_mode(0o640)).unwrap();
        let error = file.read().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::PermissionDenied);
        assert!(error.message().contains("chmod 600") && !format!("{error:?}").contains("canary"));
    }

    #[test]
    fn each_host_has_a_file_of_its_own() {
        let host = Host::parse("http://127.0.0.1:9000").unwrap();
        let home = |name: &str| (name == "HOME").then(|| "/home/me".to_owned());
        let file = LoginFile::locate(&host, &home).unwrap();
        assert_eq!(
            file.path(),
            Path::new("/home/me/.config/devmetrics/127.0.0.1_9000.token")
        );
        let error = LoginFile::locate(&host, &|_| None).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }
}
