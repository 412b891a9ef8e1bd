//! The directed runs, by what they are about.

mod elections;
mod reads;
mod replication;
mod snapshots;

use super::script::Run;

/// All directed runs.
pub(super) fn all() -> impl Iterator<Item = &'static Run> {
    let parts = [elections::RUNS, replication::RUNS, reads::RUNS, snapshots::RUNS];
    parts.into_iter().flatten()
}
