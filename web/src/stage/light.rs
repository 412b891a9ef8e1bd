//! What a selection lights: whatever has nothing to do with it steps back, words excepted.

use shardscope_core::id::NodeId;
use shardscope_core::view::Flight;

use crate::intent::Pick;

/// What stays in the light; everything does while nothing is selected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Light {
    /// Everything.
    #[default]
    All,
    /// A process, and whatever begins or ends there.
    Around(NodeId),
    /// Two processes, and what lies or flies between them.
    Between(NodeId, NodeId),
}

impl Light {
    /// The light of a selection.
    pub(super) fn of(pick: Option<&Pick>, flights: &[Flight]) -> Self {
        match pick {
            Some(Pick::Server(id) | Pick::Client(id) | Pick::Operation(id, _)) => Self::Around(*id),
            Some(Pick::Link(a, b)) => Self::Between(*a, *b),
            Some(Pick::Message(id)) => {
                let found = flights.iter().find(|flight| flight.id == *id);
                found.map_or(Self::All, |flight| Self::Between(flight.from, flight.to))
            }
            Some(Pick::Messages) | None => Self::All,
        }
    }

    /// The class of a process.
    pub(super) fn on(&self, id: NodeId) -> Option<&'static str> {
        let lit = match self {
            Self::All => true,
            Self::Around(one) => *one == id,
            Self::Between(a, b) => *a == id || *b == id,
        };
        (!lit).then_some("aside")
    }

    /// The class of whatever leads from one process to another.
    pub(super) fn along(&self, from: NodeId, to: NodeId) -> Option<&'static str> {
        let lit = match self {
            Self::All => true,
            Self::Around(one) => *one == from || *one == to,
            Self::Between(a, b) => (*a == from && *b == to) || (*a == to && *b == from),
        };
        (!lit).then_some("aside")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_servers_light_falls_on_it_and_on_what_touches_it() {
        let light = Light::of(Some(&Pick::Server(NodeId(1))), &[]);
        assert_eq!(light.on(NodeId(1)), None);
        assert_eq!(light.on(NodeId(2)), Some("aside"));
        assert_eq!(light.along(NodeId(0), NodeId(1)), None);
        assert_eq!(light.along(NodeId(0), NodeId(2)), Some("aside"));
    }

    #[test]
    fn a_links_light_knows_no_direction() {
        let light = Light::of(Some(&Pick::Link(NodeId(0), NodeId(3))), &[]);
        assert_eq!(light.along(NodeId(3), NodeId(0)), None);
        assert_eq!(light.along(NodeId(0), NodeId(1)), Some("aside"));
        assert_eq!(Light::of(None, &[]).along(NodeId(0), NodeId(1)), None);
    }
}
