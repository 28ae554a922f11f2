//! Reads pages of lists: of several repositories in one query where that saves one, each element whole.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::classify::{Outcome, refusal};
use super::documents::{self, List};
use super::envelope::GqlError;
use super::lanes::Place;
use super::run::SeenRepository;
use super::source::GithubSource;
use super::{Fault, shapes};
use crate::{Error, ErrorKind};

/// Which page of which list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Question {
    /// The repository's feed scope.
    pub(super) scope: String,
    /// The repository's node id.
    pub(super) repository: String,
    pub(super) list: List,
    /// Of issues: the label that they have.
    pub(super) label: Option<String>,
    /// Of issues: from when on.
    pub(super) since: Option<DateTime<Utc>>,
    pub(super) direction: Direction,
    /// The cursor of the row before.
    pub(super) after: Option<String>,
}

impl Question {
    /// The page of a list behind `after`, from the newest back.
    pub(super) fn newest(list: List, seen: &SeenRepository, scope: &str, after: Option<String>) -> Self {
        Self {
            scope: scope.to_owned(),
            repository: seen.node.clone(),
            list,
            label: None,
            since: None,
            direction: Direction::Descending,
            after,
        }
    }

    /// Which list is read, whatever the place in it.
    pub(super) fn key(&self) -> (List, &str, Option<&str>) {
        (self.list, &self.scope, self.label.as_deref())
    }
}

/// An order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Direction {
    /// Oldest first.
    Ascending,
    /// Newest first.
    Descending,
}

impl Direction {
    /// As GraphQL names it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ascending => "ASC",
            Self::Descending => "DESC",
        }
    }
}

/// The row behind another, of which nothing but its place is asked.
#[derive(Clone, Debug)]
pub(super) struct Bare {
    pub(super) cursor: String,
    pub(super) has_next: bool,
    /// The server's instant.
    pub(super) date: DateTime<Utc>,
}

/// A page of a list.
#[derive(Clone, Debug)]
pub(super) struct Page {
    pub(super) rows: Vec<Row>,
    pub(super) has_next: bool,
    /// How many elements the list has.
    pub(super) total: u64,
    /// The server's instant of it.
    pub(super) date: DateTime<Utc>,
    /// How long the query took that it came with.
    pub(super) elapsed: Duration,
}

impl Page {
    /// The places of its rows.
    pub(super) fn places(&self) -> Vec<Place> {
        self.rows.iter().map(|row| row.place.clone()).collect()
    }
}

/// An element of a list.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) place: Place,
    pub(super) id: String,
    pub(super) node: Value,
}

#[derive(Deserialize)]
struct Holder {
    page: Option<Connection>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Connection {
    pub(super) total_count: u64,
    page_info: Option<PageInfo>,
    edges: Option<Vec<Option<Edge>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PageInfo {
    pub(super) has_next_page: bool,
    pub(super) end_cursor: Option<String>,
}

#[derive(Deserialize)]
struct Edge {
    cursor: String,
    node: Option<Value>,
}

impl Connection {
    /// Its rows; `None` where one is missing, which says nothing about what is in it.
    pub(super) fn rows(self, list: List) -> Option<Vec<Row>> {
        self.edges?
            .into_iter()
            .map(|edge| {
                let edge = edge?;
                let node = edge.node?;
                Some(Row {
                    place: Place {
                        cursor: edge.cursor,
                        at: list.placed_at(&node)?,
                    },
                    id: text(&node, "id")?.to_owned(),
                    node,
                })
            })
            .collect()
    }
}

/// The instant in a field of an element.
pub(super) fn instant(node: &Value, field: &str) -> Option<DateTime<Utc>> {
    shapes::Instant::deserialize(node.get(field)?).ok().map(|at| at.0)
}

/// The text in a field of an element.
pub(super) fn text<'v>(node: &'v Value, field: &str) -> Option<&'v str> {
    node.get(field)?.as_str()
}

/// Whether a smaller question may be answered.
pub(super) fn is_too_heavy(fault: &Fault) -> bool {
    // An answer that is no JSON at one place spoils all of it.
    let broken = fault.outcome == Outcome::Fatal && fault.error.kind() == ErrorKind::Corrupt;
    fault.outcome == Outcome::TooHeavy || broken
}

/// Whether a query of several repositories fails in this way for what one of them is.
fn is_of_one(fault: &Fault) -> bool {
    matches!(
        fault.outcome,
        Outcome::BadCursor
            | Outcome::NotFound
            | Outcome::PermissionDenied
            | Outcome::Saml
            | Outcome::Unavailable
            | Outcome::Gone
    )
}

/// Why there is nothing where something was asked for.
fn not_shown(operation: &str, errors: &[GqlError]) -> Option<Fault> {
    let message = errors.first().map_or("", |error| error.message.as_str());
    refusal(errors).map(|outcome| Fault::lasting(operation, outcome, message))
}

impl GithubSource {
    /// The page that answers `question`, of at most `rows` rows. Other repositories' pages that are wanted are read in the same
    /// query, and wait.
    pub(super) async fn page(&self, question: &Question, rows: usize) -> Result<Page, Fault> {
        // One at a time: whoever waits here may find its page read along with the one before.
        let _turn = self.turn.lock().await;
        let mut questions = vec![question.clone()];
        {
            let mut run = self.run();
            if let Some(page) = run.take(question) {
                return Ok(page);
            }
            questions.extend(run.companions(question));
        }
        let answer = self.ask_pages(&questions, rows).await;
        let mut pages = match answer {
            Ok(pages) => pages.into_iter(),
            Err(fault) if questions.len() > 1 => {
                let mut run = self.run();
                if is_too_heavy(&fault) || is_of_one(&fault) {
                    // Which of them it is will show when each is asked by itself.
                    run.alone
                        .extend(questions.into_iter().map(|question| question.scope));
                    drop(run);
                    return Err(Fault {
                        outcome: Outcome::Transient,
                        error: self.to_be_repeated(fault),
                    });
                }
                questions.drain(1..).for_each(|question| run.want(question));
                return Err(fault);
            }
            Err(fault)
                if fault.outcome == Outcome::NotFound && self.run().missed.insert(question.scope.clone()) =>
            {
                // A replica may lag behind the one that listed it.
                return Err(self.again_soon("GitHub does not find the repository just now"));
            }
            Err(fault) => return Err(fault),
        };
        let own = pages.next().flatten();
        let mut run = self.run();
        for (question, page) in questions.drain(1..).zip(pages) {
            match page {
                Some(page) => run.keep(question, page),
                None => {
                    run.alone.insert(question.scope);
                }
            }
        }
        drop(run);
        own.ok_or_else(|| self.unanswered(question))
    }

    async fn ask_pages(&self, questions: &[Question], rows: usize) -> Result<Vec<Option<Page>>, Fault> {
        let list = questions.first().map_or(List::Releases, |question| question.list);
        let each = (rows / questions.len()).clamp(1, list.rows_for_a_point(questions.len()));
        let mut variables = Map::new();
        for (n, question) in questions.iter().enumerate() {
            variables.insert(format!("r{n}"), json!(question.repository));
            variables.insert(format!("n{n}"), json!(each));
            variables.insert(format!("a{n}"), json!(question.after));
            variables.insert(format!("d{n}"), json!(question.direction.name()));
            if list == List::Issues {
                variables.insert(format!("l{n}"), json!(question.label));
                variables.insert(format!("s{n}"), json!(question.since));
            }
        }
        let document = documents::pages(list, questions.len());
        let mut answer = self
            .ask::<Map<String, Value>>(&format!("{list:?}"), &document, variables.into())
            .await?;
        if let [_] = questions
            && answer
                .data
                .get("p0")
                .is_none_or(|holder| holder["page"].is_null())
            && let Some(fault) = not_shown(&format!("{list:?}"), &answer.errors)
        {
            return Err(fault);
        }
        let mut pages: Vec<Option<Page>> = (0..questions.len())
            .map(|n| {
                let holder = answer.data.remove(&format!("p{n}"))?;
                let connection = Holder::deserialize(holder).ok()?.page?;
                let total = connection.total_count;
                let has_next = connection
                    .page_info
                    .as_ref()
                    .is_some_and(|info| info.has_next_page);
                Some(Page {
                    rows: connection.rows(list)?,
                    has_next,
                    total,
                    date: answer.date,
                    elapsed: answer.elapsed,
                })
            })
            .collect();
        let rows = pages.iter_mut().flatten().flat_map(|page| &mut page.rows);
        self.complete(list, rows.map(|row| &mut row.node).collect())
            .await?;
        Ok(pages)
    }

    /// The newest rows of a list, oldest first, without their content; and how many there are in all.
    pub(super) async fn newest(&self, repository: &str, list: List) -> Result<Page, Error> {
        #[derive(Deserialize)]
        struct Data {
            node: Option<Holder>,
        }
        let document = documents::newest(list);
        let variables = json!({ "r": repository, "n": documents::MAX_IDS });
        let answer = self.ask::<Data>("Newest", &document, variables).await?;
        let connection = answer.data.node.and_then(|holder| holder.page);
        if connection.is_none()
            && let Some(fault) = not_shown("Newest", &answer.errors)
        {
            return Err(fault.error);
        }
        let total = connection.as_ref().map_or(0, |connection| connection.total_count);
        let rows = connection.and_then(|connection| connection.rows(list));
        Ok(Page {
            rows: rows.ok_or_else(|| Error::from(self.again_soon("the list came with holes")))?,
            has_next: false,
            total,
            date: answer.date,
            elapsed: answer.elapsed,
        })
    }

    /// The cursor of the row that follows in the list of `question`, without looking at the row; `None` at the list's end.
    pub(super) async fn bare_row(&self, question: &Question) -> Result<Option<Bare>, Fault> {
        #[derive(Deserialize)]
        struct Data {
            node: Option<Repository>,
        }
        #[derive(Deserialize)]
        struct Repository {
            page: List,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct List {
            page_info: PageInfo,
            edges: Vec<Cursor>,
        }
        #[derive(Deserialize)]
        struct Cursor {
            cursor: String,
        }
        let document = documents::bare(question.list);
        let direction = question.direction.name();
        let variables = json!({ "r": question.repository, "a": question.after, "d": direction });
        let answer = self.ask::<Data>("Bare", &document, variables).await?;
        let Some(Repository { page }) = answer.data.node else {
            return Err(self.unanswered(question));
        };
        Ok(page.edges.into_iter().next().map(|edge| Bare {
            cursor: edge.cursor,
            has_next: page.page_info.has_next_page,
            date: answer.date,
        }))
    }

    /// The elements with `ids` as `fragment` shows them, in their order; `None` for those that GitHub does not show.
    pub(super) async fn by_id(&self, fragment: &str, ids: &[String]) -> Result<Vec<Option<Value>>, Fault> {
        #[derive(Deserialize)]
        struct Data {
            nodes: Vec<Option<Value>>,
        }
        let document = documents::by_id(fragment);
        let operation = format!("{fragment}ById");
        let answer = self
            .ask::<Data>(&operation, &document, json!({ "ids": ids }))
            .await?;
        // Without any reason given, a missing element is a failure of the server and not an element that is gone.
        let nodes = answer.data.nodes;
        let missing = nodes.iter().filter(|node| node.is_none()).count();
        let told = answer.errors.iter().filter(|error| error.is("NOT_FOUND")).count();
        if nodes.len() != ids.len() || missing > told {
            return Err(self.again_soon("elements are missing without a reason"));
        }
        Ok(nodes)
    }

    /// Why a repository's page is not there although the query was answered.
    fn unanswered(&self, question: &Question) -> Fault {
        Fault {
            outcome: Outcome::TooHeavy,
            error: self
                .passing("GitHub left out the page, or a part of it")
                .with("repository", &question.scope),
        }
    }
}
