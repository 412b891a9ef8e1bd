//! What a group holds of each shard, as the observer knows it from what the group's servers
//! applied.

use alloc::vec::Vec;

use crate::controller::Config;
use crate::id::{ClientId, ConfigNumber, Gid, Serial, ShardId, Slot};
use crate::shardkv::{Holding, ShardKv, Status};

/// What a group holds, after the last slot that any of its servers was seen to apply.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Picture {
    pub(super) through: Slot,
    /// A slot was passed over: the picture is made anew from a server's own state.
    pub(super) lost: bool,
    pub(super) config: ConfigNumber,
    pub(super) places: Vec<Place>,
    /// The last call of each client that was refused.
    pub(super) refused: Vec<(ClientId, Serial)>,
    /// Shards of which a piece was applied in this step: whether it was the last one.
    pub(super) pieces: Vec<(ShardId, bool)>,
}

/// What a group holds of a shard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::sim) enum Place {
    #[default]
    Absent,
    Serving,
    Frozen {
        to: Gid,
        config: ConfigNumber,
    },
    Awaiting {
        config: ConfigNumber,
    },
    Parked,
}

impl Place {
    /// What a server says that it holds.
    pub(in crate::sim) fn of(holding: &Holding) -> Self {
        match holding {
            Holding::Absent => Self::Absent,
            Holding::Serving(_) => Self::Serving,
            Holding::Frozen { to, config, .. } => Self::Frozen { to: *to, config: *config },
            Holding::Awaiting { config, .. } => Self::Awaiting { config: *config },
            Holding::Parked(_) => Self::Parked,
        }
    }

    pub(super) const fn status(self) -> Status {
        match self {
            Self::Absent => Status::Absent,
            Self::Serving => Status::Serving,
            Self::Frozen { .. } => Status::Frozen,
            Self::Awaiting { .. } => Status::Awaiting,
            Self::Parked => Status::Parked,
        }
    }

    pub(super) const fn is_unfinished(&self) -> bool {
        matches!(self, Self::Frozen { .. } | Self::Awaiting { .. })
    }

    /// What a configuration makes of it.
    pub(super) fn after(self, own: Gid, config: &Config, shard: usize) -> Self {
        let (owner, holder) = (config.shards[shard], config.holders[shard]);
        let number = config.number;
        match self {
            Self::Serving if owner == own => self,
            Self::Serving | Self::Parked if owner.0 == 0 => Self::Parked,
            Self::Parked if owner == own => Self::Serving,
            Self::Serving | Self::Parked => Self::Frozen { to: owner, config: number },
            _ if owner != own => self,
            _ if holder.0 == 0 => Self::Serving,
            _ => Self::Awaiting { config: number },
        }
    }
}

impl Picture {
    pub(super) fn place(&self, shard: ShardId) -> Place {
        self.places.get(usize::from(shard.0)).copied().unwrap_or_default()
    }

    pub(super) fn set(&mut self, shard: ShardId, place: Place) {
        if let Some(known) = self.places.get_mut(usize::from(shard.0)) {
            *known = place;
        }
    }

    pub(super) fn is_unfinished(&self) -> bool {
        self.places.iter().any(Place::is_unfinished)
    }

    /// Takes a server's own word for it.
    pub(super) fn trust(&mut self, shards: &ShardKv, through: Slot) {
        self.through = through;
        self.lost = false;
        self.config = shards.config().number;
        self.places = shards.holdings().map(|(_, holding)| Place::of(holding)).collect();
    }
}
