//! Labels.

use apollo_compiler::resolvers::ResolveInfo;

use super::context::{Answer, Context, View, leaf, window};
use super::query::unknown;
use crate::page::Key;
use crate::world::{RepositoryId, Text, encode};

/// `Label`.
#[derive(Clone, Copy)]
pub(super) struct LabelView<'w> {
    pub(super) repository: RepositoryId,
    pub(super) name: &'w str,
}

impl<'w> View<'w> for LabelView<'w> {
    fn type_name(&self) -> &'static str {
        "Label"
    }

    fn field<'a>(&self, _: &'w Context<'w>, info: &ResolveInfo<'_>) -> Answer<'a>
    where
        'w: 'a,
    {
        // A label of the same name is the same label.
        let hash = self.name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        match info.field_name() {
            "id" => leaf(encode("LA", self.repository.0, hash)),
            "name" => leaf(self.name),
            "color" => leaf(format!("{:06x}", hash & 0xff_ffff)),
            other => Err(unknown(self.type_name(), other)),
        }
    }
}

/// The labels of a pull request or an issue, as a connection.
pub(super) fn labels<'a, 'w: 'a>(
    context: &'w Context<'w>,
    repository: RepositoryId,
    labels: &'w [Text],
    info: &ResolveInfo<'_>,
) -> Answer<'a> {
    let rows = labels.iter().enumerate();
    let rows = rows.map(|(index, name)| (Key::number(index as i64, 0), LabelView { repository, name }));
    context.connection("Label", window(info)?.page(rows.collect(), false))
}
