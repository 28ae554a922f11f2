//! Builds git repositories by the `git` command, with every date and person given, so that ids repeat.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A repository that a test builds. Every commit is made at [`at`](Self::at) by [`by`](Self::by), and touches a file of
/// its own, so that merges never conflict. A failing `git` panics: a test has no use for the error.
#[derive(Debug)]
pub struct GitRepository {
    path: PathBuf,
    now: i64,
    author: (String, String),
    files: u32,
}

impl GitRepository {
    /// Makes an empty work tree with the branch `main` at `path`.
    pub fn init(path: impl Into<PathBuf>) -> Self {
        let repository = Self::on(path);
        std::fs::create_dir_all(&repository.path).expect("a directory for the repository");
        repository.git(&["init", "--quiet", "--initial-branch=main"]);
        repository
    }

    /// The repository that is already at `path` (a clone, a linked work tree).
    pub fn on(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            now: 1_700_000_000,
            author: ("Ann".to_owned(), "ann@example.org".to_owned()),
            files: 0,
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Sets the date of what comes, in seconds since the epoch.
    pub fn at(&mut self, seconds: i64) -> &mut Self {
        self.now = seconds;
        self
    }

    /// Sets who makes what comes.
    pub fn by(&mut self, name: &str, email: &str) -> &mut Self {
        self.author = (name.to_owned(), email.to_owned());
        self
    }

    /// Runs `git` here, and gives what it prints, trimmed.
    pub fn git(&self, arguments: &[&str]) -> String {
        self.run(arguments, self.now, self.now)
    }

    fn run(&self, arguments: &[&str], authored: i64, committed: i64) -> String {
        let output = command(&self.path)
            .args(arguments)
            .env("GIT_AUTHOR_NAME", &self.author.0)
            .env("GIT_AUTHOR_EMAIL", &self.author.1)
            .env("GIT_COMMITTER_NAME", &self.author.0)
            .env("GIT_COMMITTER_EMAIL", &self.author.1)
            .env("GIT_AUTHOR_DATE", format!("@{authored} +0000"))
            .env("GIT_COMMITTER_DATE", format!("@{committed} +0000"))
            .output()
            .expect("git is installed");
        assert!(
            output.status.success(),
            "git {arguments:?} in {}: {}",
            self.path.display(),
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    /// Writes a file and adds it to the index.
    pub fn write(&mut self, file: &str, content: &[u8]) -> &mut Self {
        let path = self.path.join(file);
        if let Some(directory) = path.parent() {
            std::fs::create_dir_all(directory).expect("a directory for the file");
        }
        std::fs::write(path, content).expect("a file in the work tree");
        self.git(&["add", "--", file]);
        self
    }

    /// Commits what is in the index and a new file; gives the commit's id.
    pub fn commit(&mut self, message: &str) -> String {
        let now = self.now;
        self.commit_authored(message, now)
    }

    /// Commits now what was written at `authored`.
    pub fn commit_authored(&mut self, message: &str, authored: i64) -> String {
        self.files += 1;
        let file = format!("files/{}-{}", self.now, self.files);
        self.write(&file, format!("{message}\n").as_bytes());
        self.run(
            &["commit", "--quiet", "--allow-empty-message", "-m", message],
            authored,
            self.now,
        );
        self.head()
    }

    /// Makes a branch here and checks it out.
    pub fn branch(&mut self, name: &str) -> &mut Self {
        self.git(&["checkout", "--quiet", "-b", name]);
        self
    }

    /// Checks out a branch, or a commit.
    pub fn checkout(&mut self, name: &str) -> &mut Self {
        self.git(&["checkout", "--quiet", name]);
        self
    }

    /// Merges by a merge commit; gives its id. Several names make an octopus.
    pub fn merge(&mut self, names: &[&str], message: &str) -> String {
        let mut arguments = vec![
            "merge",
            "--quiet",
            "--no-ff",
            "--allow-unrelated-histories",
            "-m",
            message,
        ];
        arguments.extend(names);
        self.git(&arguments);
        self.head()
    }

    /// Brings a branch in as one commit; gives its id.
    pub fn squash(&mut self, name: &str, message: &str) -> String {
        self.git(&["merge", "--quiet", "--squash", name]);
        self.git(&["commit", "--quiet", "-m", message]);
        self.head()
    }

    /// Tags what is checked out.
    pub fn tag(&mut self, name: &str) -> &mut Self {
        self.git(&["tag", name]);
        self
    }

    /// Tags what is checked out by a tag object with a tagger and a date.
    pub fn annotated_tag(&mut self, name: &str) -> &mut Self {
        self.git(&["tag", "--annotate", name, "-m", name]);
        self
    }

    /// Stores a commit object as it stands, however broken; gives its id.
    pub fn raw_commit(&mut self, content: &[u8]) -> String {
        let file = self.path.join(".git/raw-commit");
        std::fs::write(&file, content).expect("a file for the object");
        let id = self.git(&[
            "hash-object",
            "-t",
            "commit",
            "-w",
            "--literally",
            ".git/raw-commit",
        ]);
        std::fs::remove_file(file).expect("the file for the object");
        id
    }

    /// The id of what is checked out.
    pub fn head(&self) -> String {
        self.git(&["rev-parse", "HEAD"])
    }
}

fn command(path: &Path) -> Command {
    let mut command = Command::new("git");
    command
        .current_dir(path)
        // Nothing of the machine's own configuration may reach a test.
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env_remove("GIT_DIR")
        .env_remove("GIT_WORK_TREE");
    command
}
