//! Where a state is.

use core::hash::{Hash, Hasher};

use crate::id::{MutantId, NodeId};

/// Where a state is: in which server, and which decisions are taken there.
///
/// It is nothing of the state. Two states are equal wherever they are, and no byte counts it: the
/// correct decisions never look at the server, and a wrong one that does shows as states that
/// differ although they applied the same.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seat {
    /// The server.
    pub server: NodeId,
    /// Which decisions are taken.
    pub mutant: MutantId,
}

impl PartialEq for Seat {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Seat {}

impl Hash for Seat {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}
