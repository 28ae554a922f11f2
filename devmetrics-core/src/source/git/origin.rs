//! Where a clone came from: the name of the repository at its host, and addresses for people.

/// A remote address taken apart; credentials, scheme and `.git` are gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    /// `github.com`, with a port only where a web address needs it.
    host: String,
    /// `rust-lang/cargo`.
    pub(super) path: String,
}

impl Origin {
    /// Understands `https://`, `ssh://`, `git://` and `user@host:path`; `None` for a local path or anything else.
    pub(super) fn parse(url: &str) -> Option<Self> {
        let url = url.trim();
        let (scheme, authority, path) = match url.split_once("://") {
            Some((scheme, rest)) => {
                let (authority, path) = rest.split_once('/')?;
                (scheme.to_lowercase(), authority, path)
            }
            None => {
                let (authority, path) = url.split_once(':')?;
                // `C:\src` and `./a:b` are local paths.
                if authority.len() < 2 || authority.contains(['/', '\\']) {
                    return None;
                }
                ("ssh".to_owned(), authority, path)
            }
        };
        if !matches!(
            scheme.as_str(),
            "https" | "http" | "ssh" | "git" | "git+ssh" | "ssh+git"
        ) {
            return None;
        }
        let authority = authority
            .rsplit_once('@')
            .map_or(authority, |(_, host)| host)
            .to_lowercase();
        let web = scheme.starts_with("http");
        let host = match authority.rsplit_once(':') {
            Some((host, port)) if !web || port == "443" || port == "80" => host.to_owned(),
            _ => authority,
        };
        let path = path.trim_matches('/');
        let path = path.strip_suffix(".git").unwrap_or(path).trim_end_matches('/');
        if host.is_empty() || path.is_empty() {
            return None;
        }
        let (host, path) = match (host.as_str(), path.split('/').collect::<Vec<_>>().as_slice()) {
            // Azure's and GitHub's ssh names differ from their web names.
            ("ssh.dev.azure.com", ["v3", organisation, project, repository]) => (
                "dev.azure.com".to_owned(),
                format!("{organisation}/{project}/_git/{repository}"),
            ),
            ("ssh.github.com", _) => ("github.com".to_owned(), path.to_owned()),
            ("altssh.bitbucket.org", _) => ("bitbucket.org".to_owned(), path.to_owned()),
            ("altssh.gitlab.com", _) => ("gitlab.com".to_owned(), path.to_owned()),
            _ => (host, path.to_owned()),
        };
        Some(Self { host, path })
    }

    /// Host and path: `github.com/rust-lang/cargo`.
    pub(super) fn name(&self) -> String {
        format!("{}/{}", self.host, self.path)
    }

    /// The web address, where the host looks like a public name and not like an alias of somebody's ssh configuration.
    pub(super) fn web(&self) -> Option<String> {
        self.host
            .contains('.')
            .then(|| format!("https://{}/{}", self.host, self.path))
    }
}

/// The address of a numbered change below the repository's web address, at the hosts whose form is known.
pub(super) fn change_url(web: &str, number: i64) -> Option<String> {
    let place = match host_of(web)? {
        "github.com" => "pull",
        "gitlab.com" => "-/merge_requests",
        "bitbucket.org" => "pull-requests",
        "dev.azure.com" => "pullrequest",
        _ => return None,
    };
    Some(format!("{web}/{place}/{number}"))
}

fn host_of(web: &str) -> Option<&str> {
    web.strip_prefix("https://")?.split('/').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_an_address_gives_one_name() {
        for url in [
            "https://github.com/rust-lang/cargo",
            "https://github.com/rust-lang/cargo.git",
            "https://github.com/rust-lang/cargo/",
            "https://user:secret@GitHub.com/rust-lang/cargo.git",
            "http://github.com:80/rust-lang/cargo",
            "ssh://git@github.com/rust-lang/cargo.git",
            "ssh://git@ssh.github.com:443/rust-lang/cargo.git",
            "git@github.com:rust-lang/cargo.git",
            "git@github.com:/rust-lang/cargo",
            "git://github.com/rust-lang/cargo.git",
        ] {
            let origin = Origin::parse(url).unwrap_or_else(|| panic!("{url}"));
            assert_eq!(origin.name(), "github.com/rust-lang/cargo", "{url}");
            assert_eq!(
                origin.web().as_deref(),
                Some("https://github.com/rust-lang/cargo"),
                "{url}"
            );
        }
        let port = Origin::parse("https://git.example.com:8443/a/b.git").unwrap();
        assert_eq!(port.name(), "git.example.com:8443/a/b");
        let azure = Origin::parse("git@ssh.dev.azure.com:v3/org/project/repo").unwrap();
        assert_eq!(azure.name(), "dev.azure.com/org/project/_git/repo");
    }

    #[test]
    fn an_ssh_alias_has_no_web_address_and_a_path_no_name() {
        assert_eq!(Origin::parse("work:team/app.git").unwrap().web(), None);
        for url in [
            "/srv/git/app.git",
            "../app",
            "file:///srv/git/app.git",
            "C:\\src\\app",
            "./a:b",
            "",
            "https://host",
        ] {
            assert_eq!(Origin::parse(url), None, "{url}");
        }
    }

    #[test]
    fn addresses_are_those_of_the_host() {
        let at = |host: &str| change_url(&format!("https://{host}/g/p"), 7);
        assert_eq!(at("github.com").unwrap(), "https://github.com/g/p/pull/7");
        assert_eq!(
            at("gitlab.com").unwrap(),
            "https://gitlab.com/g/p/-/merge_requests/7"
        );
        assert_eq!(
            at("bitbucket.org").unwrap(),
            "https://bitbucket.org/g/p/pull-requests/7"
        );
        assert_eq!(
            at("dev.azure.com").unwrap(),
            "https://dev.azure.com/g/p/pullrequest/7"
        );
        assert_eq!(at("git.example.com"), None);
    }
}
