//! What is asked of GitHub, as GraphQL text. The pieces lie in `documents/`; those that are asked of several repositories at
//! once are put together here. GitHub counts a query's points by its connections: a hundred of them are one point, rounded.

use std::fmt::Write;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::pages::instant;

/// Connections that a query may have for one point: 149 are rounded down to it.
pub(super) const CONNECTIONS_PER_POINT: usize = 149;
/// Node ids that `nodes(ids:)` takes at most.
pub(super) const MAX_IDS: usize = 100;
/// Children's pages in one query.
pub(super) const MAX_ALIASES: usize = 25;

const RATE_LIMIT: &str = "rateLimit { cost limit remaining resetAt }";
const PULL_REQUEST: &str = include_str!("documents/pull_request.graphql");

/// The definition of every fragment, by name.
const FRAGMENTS: [(&str, &str); 19] = [
    ("Who", include_str!("documents/who.graphql")),
    ("Commits", include_str!("documents/commits.graphql")),
    ("Reviews", include_str!("documents/reviews.graphql")),
    ("Timeline", include_str!("documents/timeline.graphql")),
    ("Labels", include_str!("documents/labels.graphql")),
    ("Closes", include_str!("documents/closes.graphql")),
    ("Files", include_str!("documents/files.graphql")),
    ("Statuses", include_str!("documents/statuses.graphql")),
    ("Members", include_str!("documents/members.graphql")),
    ("PullRequest", PULL_REQUEST),
    (
        "PullRequestWithFiles",
        include_str!("documents/pull_request_with_files.graphql"),
    ),
    (
        "PullRequestAlone",
        include_str!("documents/pull_request_alone.graphql"),
    ),
    (
        "PullRequestName",
        include_str!("documents/pull_request_name.graphql"),
    ),
    (
        "PullRequestState",
        include_str!("documents/pull_request_state.graphql"),
    ),
    ("Deployment", include_str!("documents/deployment.graphql")),
    ("Release", include_str!("documents/release.graphql")),
    ("Tag", include_str!("documents/tag.graphql")),
    ("Issue", include_str!("documents/issue.graphql")),
    ("Repository", include_str!("documents/repository.graphql")),
];

/// A list of a repository that is read page by page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum List {
    /// Whole pull requests, by their last change.
    PullRequests,
    /// The same with the files that they touch: a connection more.
    PullRequestsWithFiles,
    /// The same with nothing but what names them.
    PullRequestNames,
    /// Deployments, by their creation.
    Deployments,
    /// Releases, by their creation.
    Releases,
    /// Tags, by the dates of their commits.
    Tags,
    /// Issues with a label, by their last change.
    Issues,
}

impl List {
    fn connection(self) -> &'static str {
        match self {
            Self::PullRequests | Self::PullRequestsWithFiles | Self::PullRequestNames => "pullRequests",
            Self::Deployments => "deployments",
            Self::Releases => "releases",
            Self::Tags => "refs",
            Self::Issues => "issues",
        }
    }

    /// The fragment that shows an element.
    pub(super) fn fragment(self) -> &'static str {
        match self {
            Self::PullRequests => "PullRequest",
            Self::PullRequestsWithFiles => "PullRequestWithFiles",
            Self::PullRequestNames => "PullRequestName",
            Self::Deployments => "Deployment",
            Self::Releases => "Release",
            Self::Tags => "Tag",
            Self::Issues => "Issue",
        }
    }

    fn order(self) -> &'static str {
        match self {
            Self::Deployments | Self::Releases => "CREATED_AT",
            Self::Tags => "TAG_COMMIT_DATE",
            _ => "UPDATED_AT",
        }
    }

    /// What is asked of an element to know its place in the list.
    fn ordered_by(self) -> &'static str {
        match self {
            Self::Deployments | Self::Releases => "createdAt",
            Self::Tags => "target { ... on Commit { committedDate } }",
            _ => "updatedAt",
        }
    }

    /// Further arguments of the connection.
    fn arguments(self) -> &'static str {
        match self {
            Self::Tags => ", refPrefix: \"refs/tags/\"",
            _ => "",
        }
    }

    /// The instant by which an element has its place in the list.
    pub(super) fn placed_at(self, node: &Value) -> Option<DateTime<Utc>> {
        match self {
            Self::Deployments | Self::Releases => instant(node, "createdAt"),
            Self::Tags => {
                let target = &node["target"];
                let at =
                    instant(target, "committedDate").or_else(|| instant(&target["target"], "committedDate"));
                // What is no commit has no date; such a tag is no deployment.
                Some(at.unwrap_or(DateTime::UNIX_EPOCH))
            }
            _ => instant(node, "updatedAt"),
        }
    }

    /// The children of an element.
    pub(super) fn children(self) -> &'static [Child] {
        match self {
            Self::PullRequests => &[
                Child::Labels,
                Child::Commits,
                Child::Reviews,
                Child::Timeline,
                Child::Closes,
            ],
            Self::PullRequestsWithFiles => &[
                Child::Labels,
                Child::Commits,
                Child::Reviews,
                Child::Timeline,
                Child::Closes,
                Child::Files,
            ],
            Self::Deployments => &[Child::Statuses],
            Self::Issues => &[Child::IssueLabels],
            Self::PullRequestNames | Self::Releases | Self::Tags => &[],
        }
    }

    /// How many rows a page may have, that `lists` pages in one query cost one point.
    pub(super) fn rows_for_a_point(self, lists: usize) -> usize {
        let lists = lists.max(1);
        match self.children().len() {
            0 => MAX_IDS,
            children => ((CONNECTIONS_PER_POINT - lists) / (lists * children)).min(MAX_IDS),
        }
    }

    /// How many repositories are asked in one query.
    pub(super) fn at_once(self) -> usize {
        match self {
            Self::PullRequests | Self::PullRequestsWithFiles | Self::PullRequestNames => 5,
            Self::Deployments | Self::Issues => 9,
            Self::Releases | Self::Tags => 50,
        }
    }
}

/// A page of `list` of each of `count` repositories. Variables of the n-th: `$rN` node id, `$nN` rows, `$aN` cursor, `$dN`
/// direction; for issues also `$lN` label and `$sN` since.
pub(super) fn pages(list: List, count: usize) -> String {
    let mut head = String::new();
    let mut body = String::new();
    for n in 0..count {
        let mut filter = list.arguments().to_owned();
        let _ = write!(
            head,
            "$r{n}: ID!, $n{n}: Int!, $a{n}: String, $d{n}: OrderDirection!, "
        );
        if list == List::Issues {
            let _ = write!(head, "$l{n}: String!, $s{n}: DateTime, ");
            filter = format!(", filterBy: {{labels: [$l{n}], since: $s{n}}}");
        }
        let _ = writeln!(
            body,
            "  p{n}: node(id: $r{n}) {{ ... on Repository {{ page: {}(first: $n{n}, after: $a{n}, orderBy: {{field: {}, \
             direction: $d{n}}}{filter}) {{ totalCount pageInfo {{ hasNextPage endCursor }} edges {{ cursor node {{ ...{} }} }} \
             }} }} }}",
            list.connection(),
            list.order(),
            list.fragment(),
        );
    }
    with_fragments(format!("query {list:?}({head}) {{\n  {RATE_LIMIT}\n{body}}}\n"))
}

/// The last `$n` elements of `list`, with their cursors and nothing else.
pub(super) fn newest(list: List) -> String {
    format!(
        "query Newest($r: ID!, $n: Int!) {{\n  {RATE_LIMIT}\n  node(id: $r) {{ ... on Repository {{ page: {}(last: $n, orderBy: \
         {{field: {}, direction: ASC}}) {{ totalCount pageInfo {{ hasNextPage endCursor }} edges {{ cursor node {{ id {} }} }} \
         }} }} }}\n}}\n",
        list.connection(),
        list.order(),
        list.ordered_by(),
    )
}

/// The row of `list` behind the cursor `$a`: nothing but its own cursor, whatever is wrong with the element.
pub(super) fn bare(list: List) -> String {
    format!(
        "query Bare($r: ID!, $a: String, $d: OrderDirection!) {{\n  {RATE_LIMIT}\n  node(id: $r) {{ ... on Repository {{ page: \
         {}(first: 1, after: $a, orderBy: {{field: {}, direction: $d}}{}) {{ pageInfo {{ hasNextPage endCursor }} edges {{ cursor \
         }} }} }} }}\n}}\n",
        list.connection(),
        list.order(),
        list.arguments(),
    )
}

/// The elements with the node ids `$ids`, as `fragment` shows them.
pub(super) fn by_id(fragment: &str) -> String {
    with_fragments(format!(
        "query {fragment}ById($ids: [ID!]!) {{\n  {RATE_LIMIT}\n  nodes(ids: $ids) {{ ...{fragment} }}\n}}\n"
    ))
}

/// A connection of which the first page may not be all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Child {
    Labels,
    Commits,
    Reviews,
    Timeline,
    Closes,
    Files,
    Statuses,
    IssueLabels,
    Members,
}

impl Child {
    /// The field that holds it.
    pub(super) fn field(self) -> &'static str {
        match self {
            Self::Labels | Self::IssueLabels => "labels",
            Self::Commits => "commits",
            Self::Reviews => "reviews",
            Self::Timeline => "timelineItems",
            Self::Closes => "closingIssuesReferences",
            Self::Files => "files",
            Self::Statuses => "statuses",
            Self::Members => "members",
        }
    }

    /// The type that it belongs to, and that type's fields by which a change of it is seen.
    fn parent(self) -> (&'static str, &'static str) {
        match self {
            Self::Statuses => ("Deployment", "updatedAt"),
            Self::IssueLabels => ("Issue", "updatedAt"),
            Self::Members => ("Team", "id"),
            _ => ("PullRequest", "updatedAt headRefOid"),
        }
    }

    fn fragment(self) -> &'static str {
        match self {
            Self::Labels | Self::IssueLabels => "Labels",
            Self::Commits => "Commits",
            Self::Reviews => "Reviews",
            Self::Timeline => "Timeline",
            Self::Closes => "Closes",
            Self::Files => "Files",
            Self::Statuses => "Statuses",
            Self::Members => "Members",
        }
    }

    fn arguments(self) -> &'static str {
        match self {
            // The same events as on the first page.
            Self::Timeline => PULL_REQUEST
                .split_once("timelineItems(first: 50")
                .and_then(|(_, rest)| rest.split_once(')'))
                .map_or("", |(arguments, _)| arguments),
            Self::Members => ", membership: IMMEDIATE",
            _ => "",
        }
    }
}

/// The next page of one child of each of some elements. Variables: `$iN` node id, `$aN` cursor; `$n` rows.
pub(super) fn children(children: &[Child]) -> String {
    let mut head = String::new();
    let mut body = String::new();
    for (n, child) in children.iter().enumerate() {
        let (parent, version) = child.parent();
        let _ = write!(head, "$i{n}: ID!, $a{n}: String, ");
        let _ = writeln!(
            body,
            "  c{n}: node(id: $i{n}) {{ ... on {parent} {{ {version} {}(first: $n, after: $a{n}{}) {{ ...{} }} }} }}",
            child.field(),
            child.arguments(),
            child.fragment(),
        );
    }
    with_fragments(format!(
        "query Children($n: Int!, {head}) {{\n  {RATE_LIMIT}\n{body}}}\n"
    ))
}

/// Whether there is something new, of many repositories and elements at once. Variables: `$deployments`, `$releases`, `$tags`,
/// `$issuesN` repositories for the n-th label `$labelN`, `$openDeployments`, `$openIssues`, `$pullRequests` elements.
pub(super) fn probe(labels: usize) -> String {
    let mut head = String::new();
    let mut body = String::new();
    for n in 0..labels {
        let _ = write!(head, ", $issues{n}: [ID!]!, $label{n}: String!");
        let _ = writeln!(
            body,
            "  issues{n}: nodes(ids: $issues{n}) {{ ... on Repository {{ id page: issues(last: 1, filterBy: {{labels: \
             [$label{n}]}}, orderBy: {{field: UPDATED_AT, direction: ASC}}) {{ totalCount edges {{ cursor node {{ id updatedAt \
             }} }} }} }} }}"
        );
    }
    with_fragments(format!(
        "query Probe($deployments: [ID!]!, $releases: [ID!]!, $tags: [ID!]!, $openDeployments: [ID!]!, $openIssues: [ID!]!, $pullRequests: \
         [ID!]!{head}) {{\n  {RATE_LIMIT}\n  deployments: nodes(ids: $deployments) {{ ... on Repository {{ id page: \
         deployments(last: 1, orderBy: {{field: CREATED_AT, direction: ASC}}) {{ totalCount edges {{ cursor node {{ id \
         createdAt }} }} }} }} }}\n  releases: nodes(ids: $releases) {{ ... on Repository {{ id page: releases(first: 20, \
         orderBy: {{field: CREATED_AT, direction: DESC}}) {{ totalCount edges {{ cursor node {{ id createdAt updatedAt isDraft \
         }} }} }} }} }}\n  tags: nodes(ids: $tags) {{ ... on Repository {{ id page: refs(first: 20, refPrefix: \"refs/tags/\", orderBy: \
         {{field: TAG_COMMIT_DATE, direction: DESC}}) {{ totalCount edges {{ cursor node {{ ...Tag }} }} }} }} }}\n  openDeployments: nodes(ids: $openDeployments) {{ ...Deployment }}\n  openIssues: nodes(ids: \
         $openIssues) {{ ...Issue }}\n  pullRequests: nodes(ids: $pullRequests) {{ ...PullRequestState }}\n{body}}}\n"
    ))
}

/// The repositories of an owner.
pub(super) fn repositories() -> String {
    with_fragments(include_str!("documents/repositories.graphql").to_owned())
}

/// Repositories by their names. Variables: `$oN` owner, `$rN` name.
pub(super) fn named_repositories(count: usize) -> String {
    let mut head = String::new();
    let mut body = String::new();
    for n in 0..count {
        let _ = write!(head, "$o{n}: String!, $r{n}: String!, ");
        let _ = writeln!(
            body,
            "  r{n}: repository(owner: $o{n}, name: $r{n}) {{ owner {{ __typename login }} ...Repository }}"
        );
    }
    with_fragments(format!(
        "query NamedRepositories({head}) {{\n  {RATE_LIMIT}\n{body}}}\n"
    ))
}

/// The teams of an organization.
pub(super) fn teams() -> String {
    with_fragments(include_str!("documents/teams.graphql").to_owned())
}

/// Every document in its largest form, for whoever holds them to a schema.
pub fn documents() -> Vec<String> {
    let lists = [
        List::PullRequests,
        List::PullRequestsWithFiles,
        List::PullRequestNames,
        List::Deployments,
        List::Releases,
        List::Tags,
        List::Issues,
    ];
    let mut all = vec![
        repositories(),
        named_repositories(2),
        teams(),
        probe(2),
        newest(List::PullRequests),
        newest(List::Deployments),
        bare(List::PullRequestNames),
        by_id("PullRequestAlone"),
    ];
    all.extend(lists.map(|list| pages(list, list.at_once())));
    all.extend(lists.map(|list| by_id(list.fragment())));
    all.extend(
        lists
            .iter()
            .flat_map(|list| list.children())
            .chain(&[Child::Members])
            .map(|child| children(&[*child, *child])),
    );
    all
}

/// Adds the fragments that a query uses, and those that they use, each once: GitHub refuses one that is not used.
fn with_fragments(mut document: String) -> String {
    let mut from = 0;
    while let Some(found) = document[from..].find("...") {
        from += found + 3;
        let rest = &document[from..];
        let end = rest
            .find(|c: char| !c.is_ascii_alphanumeric())
            .unwrap_or(rest.len());
        let name = &rest[..end];
        let definition = FRAGMENTS.iter().find(|(known, _)| *known == name);
        if let Some((_, definition)) = definition
            && !document.contains(definition)
        {
            document.push_str(definition);
        }
    }
    document
}
