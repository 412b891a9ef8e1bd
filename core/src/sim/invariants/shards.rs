//! KI-1 to KI-12: what the groups of a sharded store do with the shards.
//!
//! The observer has a picture of its own of what each group holds, made from what the groups'
//! servers applied first, and a copy of each shard on which it executes what was accepted anywhere.

use alloc::vec::Vec;

use super::configs::Configs;
use super::{Findings, Law};
use crate::controller::Config;
use crate::id::{ClientId, ConfigNumber, Gid, NodeId, Serial, ShardId, Slot};
use crate::kv::{self, Kv};
use crate::machine::{Answer, Call, Machine, Sessions};
use crate::protocol::{Payload, Protocol};
use crate::shardkv::{self, Command, Holding, Install, Installed, Reply, ShardKv, Status};
use crate::sim::node::Node;
use crate::sim::service;
use crate::sim::store::{StoreEntry, StoreReply};
use crate::sim::world::{World, client_of};

/// What is remembered of all groups that hold shards.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Shards {
    /// By group, from 1.
    pictures: Vec<Picture>,
    /// By shard: all that was executed on it.
    stores: Vec<Sessions<Kv>>,
}

/// What a group holds, after the last slot that any of its servers was seen to apply.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Picture {
    through: Slot,
    /// A slot was passed over: the picture is made anew from a server's own state.
    lost: bool,
    config: ConfigNumber,
    places: Vec<Place>,
    /// The last call of each client that was refused.
    refused: Vec<(ClientId, Serial)>,
    /// Shards of which a piece was applied in this step: whether it was the last one.
    pieces: Vec<(ShardId, bool)>,
}

/// What a group holds of a shard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
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
    const fn status(self) -> Status {
        match self {
            Self::Absent => Status::Absent,
            Self::Serving => Status::Serving,
            Self::Frozen { .. } => Status::Frozen,
            Self::Awaiting { .. } => Status::Awaiting,
            Self::Parked => Status::Parked,
        }
    }

    const fn is_unfinished(&self) -> bool {
        matches!(self, Self::Frozen { .. } | Self::Awaiting { .. })
    }

    /// What a configuration makes of it.
    fn after(self, own: Gid, config: &Config, shard: usize) -> Self {
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
    fn place(&self, shard: ShardId) -> Place {
        self.places.get(usize::from(shard.0)).copied().unwrap_or_default()
    }

    fn set(&mut self, shard: ShardId, place: Place) {
        if let Some(known) = self.places.get_mut(usize::from(shard.0)) {
            *known = place;
        }
    }

    fn is_unfinished(&self) -> bool {
        self.places.iter().any(Place::is_unfinished)
    }

    /// Takes a server's own word for it.
    fn trust(&mut self, shards: &ShardKv, through: Slot) {
        self.through = through;
        self.lost = false;
        self.config = shards.config().number;
        let place = |(_, holding): (ShardId, &Holding)| match holding {
            Holding::Absent => Place::Absent,
            Holding::Serving(_) => Place::Serving,
            Holding::Frozen { to, config, .. } => Place::Frozen { to: *to, config: *config },
            Holding::Awaiting { config, .. } => Place::Awaiting { config: *config },
            Holding::Parked(_) => Place::Parked,
        };
        self.places = shards.holdings().map(place).collect();
    }
}

/// An entry that a server of a group applied, and what came of it.
type Applied<'a> = (Slot, &'a StoreEntry, Option<&'a StoreReply>);

impl Shards {
    pub(super) fn new(world: &World) -> Self {
        let Some(sharding) = world.scenario().sharding else { return Self::default() };
        let count = usize::from(sharding.shards);
        let picture = Picture { places: alloc::vec![Place::Absent; count], ..Picture::default() };
        let empty = Sessions::around(Kv::default(), world.scenario().sessions);
        Self {
            pictures: alloc::vec![picture; usize::from(sharding.groups)],
            stores: alloc::vec![empty; count],
        }
    }

    /// A server applied an entry: what was not seen yet changes the picture.
    pub(super) fn on_applied(
        &mut self,
        gid: Gid,
        node: NodeId,
        (slot, entry, reply): Applied<'_>,
        configs: &Configs,
        findings: &mut Findings<'_>,
    ) {
        let Some(picture) = self.picture(gid) else { return };
        if slot <= picture.through {
            return;
        }
        picture.lost |= slot != picture.through.next();
        picture.through = slot;
        let Payload::Command(service::Command::Shards(command)) = &entry.payload else { return };
        let Some(service::Reply::Shards(reply)) = reply else { return };
        if picture.lost {
            return;
        }
        match (command, reply) {
            (Command::Client(call), Reply::Client(answer)) => {
                self.on_executed((gid, node), call, answer, findings);
            }
            (Command::Client(call), Reply::WrongGroup { .. }) => {
                self.on_refused((gid, node), call, findings);
            }
            (Command::Configure(config), Reply::Configured(true)) => {
                self.on_config((gid, node), config, configs, findings);
            }
            (Command::Install(install), Reply::Install(answer)) => {
                self.on_piece(gid, install, *answer);
            }
            (Command::Delete { config, shard }, Reply::Deleted(true)) => {
                self.on_deleted((gid, node), *config, *shard, findings);
            }
            _ => {}
        }
    }

    /// A server has a snapshot of slots that nobody was seen to apply.
    pub(super) fn on_restored(&mut self, gid: Gid, slot: Slot) {
        if let Some(picture) = self.picture(gid)
            && slot > picture.through
        {
            (picture.lost, picture.through) = (true, slot);
        }
    }

    fn picture(&mut self, gid: Gid) -> Option<&mut Picture> {
        self.pictures.get_mut(usize::from(gid.0).checked_sub(1)?)
    }

    fn on_executed(
        &mut self,
        (gid, node): (Gid, NodeId),
        call: &Call<kv::Command>,
        answer: &Answer<kv::Reply>,
        findings: &mut Findings<'_>,
    ) {
        let Some(shard) = shard_of(findings.world, call) else { return };
        let others = (1..).map(Gid).zip(&self.pictures).filter(|(other, _)| *other != gid);
        let alone = others.into_iter().all(|(_, other)| other.place(shard) != Place::Serving);
        let Some(picture) = self.picture(gid) else { return };
        let (place, seen) = (picture.place(shard), [shard.0.into(), picture.config.0]);
        let awaits = matches!(place, Place::Awaiting { .. });
        findings.judge(Law::DataFirst, node, !awaits, seen);
        let owns = place == Place::Serving && alone;
        findings.judge(Law::OneServer, node, owns || awaits, seen);
        if let Some(store) = self.stores.get_mut(usize::from(shard.0)) {
            let expected = store.apply(call);
            findings.judge(Law::NothingLost, node, expected == *answer || !owns, seen);
        }
        judge_number(node, call, findings);
    }

    fn on_refused(
        &mut self,
        (gid, node): (Gid, NodeId),
        call: &Call<kv::Command>,
        findings: &mut Findings<'_>,
    ) {
        let Some(shard) = shard_of(findings.world, call) else { return };
        let pauses = findings.world.scenario().sharding.is_some_and(|sharding| sharding.pause_all);
        let Some(picture) = self.picture(gid) else { return };
        let seen = [shard.0.into(), picture.config.0];
        let serves = picture.place(shard) == Place::Serving && !(pauses && picture.is_unfinished());
        let known = picture.refused.iter().position(|(client, _)| *client == call.client);
        let again = known.is_some_and(|at| picture.refused[at].1 == call.serial);
        let law = if again { Law::RefusalsPass } else { Law::OthersGoOn };
        findings.judge(law, node, !serves, seen);
        match known {
            Some(at) => picture.refused[at].1 = call.serial,
            None => picture.refused.push((call.client, call.serial)),
        }
    }

    fn on_config(
        &mut self,
        (gid, node): (Gid, NodeId),
        config: &Config,
        configs: &Configs,
        findings: &mut Findings<'_>,
    ) {
        let Some(picture) = self.picture(gid) else { return };
        let seen = [config.number.0, picture.config.0];
        let due = picture.config.next() == config.number && !picture.is_unfinished();
        findings.judge(Law::OneByOne, node, due, seen);
        let made = configs.get(config.number);
        findings.judge(Law::NumberedConfigs, node, made.is_none_or(|made| made == config), seen);
        picture.config = config.number;
        let count = picture.places.len().min(config.shards.len()).min(config.holders.len());
        for (shard, place) in picture.places.iter_mut().enumerate().take(count) {
            *place = place.after(gid, config, shard);
        }
    }

    fn on_piece(&mut self, gid: Gid, install: &Install, answer: Installed) {
        let Some(picture) = self.picture(gid) else { return };
        let awaited = picture.place(install.shard) == Place::Awaiting { config: install.config };
        let last = awaited && answer == Installed::Done;
        if last {
            picture.set(install.shard, Place::Serving);
        }
        if last || !awaited {
            picture.pieces.push((install.shard, last));
        }
    }

    fn on_deleted(
        &mut self,
        (gid, node): (Gid, NodeId),
        config: ConfigNumber,
        shard: ShardId,
        findings: &mut Findings<'_>,
    ) {
        let place = self.picture(gid).map_or(Place::Absent, |picture| picture.place(shard));
        let arrived = match place {
            Place::Frozen { to, config: since } if since == config => {
                self.picture(to).is_none_or(|other| {
                    let awaits = matches!(other.place(shard), Place::Awaiting { .. });
                    other.lost || other.config > config || (other.config == config && !awaits)
                })
            }
            _ => false,
        };
        findings.judge(Law::DeleteLast, node, arrived, [shard.0.into(), config.0]);
        if let Some(picture) = self.picture(gid) {
            picture.set(shard, Place::Absent);
        }
    }

    /// A step has ended: what the server has is compared with the picture.
    pub(super) fn judge(&mut self, gid: Gid, node: &Node, findings: &mut Findings<'_>) {
        let index = usize::from(gid.0).wrapping_sub(1);
        let Some(picture) = self.pictures.get_mut(index) else { return };
        let pieces = core::mem::take(&mut picture.pieces);
        let Some(server) = node.server() else { return };
        let Some(shards) = server.machine().shards() else { return };
        let current = server.applied() == picture.through;
        if picture.lost && server.applied() >= picture.through {
            picture.trust(shards, server.applied());
            for (shard, holding) in shards.holdings() {
                let own = matches!(holding, Holding::Serving(_) | Holding::Parked(_));
                if let (true, Some(data)) = (own, holding.data())
                    && let Some(store) = self.stores.get_mut(usize::from(shard.0))
                {
                    *store = data.clone();
                }
            }
        } else if current && !picture.lost {
            for (shard, last) in pieces {
                self.judge_arrival((gid, node.id()), shards, (shard, last), findings);
            }
            self.judge_picture(gid, node.id(), shards, findings);
        }
        judge_hand_over(node, shards, findings);
    }

    /// What has arrived is all that was ever executed on the shard, with its sessions.
    fn judge_arrival(
        &self,
        (gid, node): (Gid, NodeId),
        shards: &ShardKv,
        (shard, last): (ShardId, bool),
        findings: &mut Findings<'_>,
    ) {
        let index = usize::from(gid.0).wrapping_sub(1);
        let (Some(picture), Some(store)) =
            (self.pictures.get(index), self.stores.get(usize::from(shard.0)))
        else {
            return;
        };
        let seen = [shard.0.into(), picture.config.0];
        let data = shards.holding(shard).and_then(Holding::data);
        if picture.place(shard) != Place::Serving {
            return;
        }
        let same_keys = data.is_some_and(|data| data.machine().iter().eq(store.machine().iter()));
        let sessions = |store: &Sessions<Kv>| (store.table().clone(), store.floor());
        let same_sessions = data.is_some_and(|data| sessions(data) == sessions(store));
        if last {
            findings.judge(Law::DataFirst, node, same_keys, seen);
            findings.judge(Law::SessionsTravel, node, same_sessions, seen);
        } else {
            findings.judge(Law::InstallOnce, node, same_keys && same_sessions, seen);
        }
    }

    /// The server holds what the picture says.
    fn judge_picture(&self, gid: Gid, node: NodeId, shards: &ShardKv, findings: &mut Findings<'_>) {
        let Some(picture) = self.pictures.get(usize::from(gid.0).wrapping_sub(1)) else { return };
        let statuses = shards.holdings().map(|(_, holding)| holding.status());
        let other = statuses.zip(&picture.places).position(|(has, place)| has != place.status());
        let seen = [other.unwrap_or_default() as u64, picture.config.0];
        findings.judge(Law::OneCopy, node, other.is_none(), seen);
    }
}

/// A leader hands over every shard that its group has given away.
fn judge_hand_over(node: &Node, shards: &ShardKv, findings: &mut Findings<'_>) {
    let leads = node.server().is_some_and(|server| server.replica().leading().is_some());
    if shards.frozen().is_empty() || !leads || node.hold.is_some() {
        return;
    }
    let Some(mover) = node.mover() else { return };
    let idle =
        shards.frozen().iter().find(|shard| mover.pushes().all(|(other, ..)| other != *shard));
    let seen = [idle.unwrap_or_default().0.into(), shards.config().number.0];
    findings.judge(Law::NoMutualWait, node.id(), idle.is_none(), seen);
}

/// What was executed has the number under which its client knows the call.
fn judge_number(node: NodeId, call: &Call<kv::Command>, findings: &mut Findings<'_>) {
    let Some(number) = client_of(call.client) else { return };
    let first = u64::from(findings.world.scenario().server_count());
    let client = NodeId(u16::try_from(first + number - 1).unwrap_or(u16::MAX));
    let asked = findings.world.node(client).and_then(|node| node.client()?.last());
    let Some(asked) = asked.filter(|asked| asked.command == call.command) else { return };
    // Two reads of a key are the same command.
    if matches!(call.command, kv::Command::Get { .. }) || asked.returned.is_some() {
        return;
    }
    let seen = [call.serial.0, asked.serial.0];
    // A late copy of an earlier call, which was the same command, has an earlier number.
    findings.judge(Law::SameCall, node, call.serial <= asked.serial, seen);
}

fn shard_of(world: &World, call: &Call<kv::Command>) -> Option<ShardId> {
    let sharding = world.scenario().sharding?;
    Some(shardkv::shard_of(call.command.key(), sharding.shards, sharding.routing))
}
