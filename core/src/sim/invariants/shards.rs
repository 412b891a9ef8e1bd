//! KI-1 to KI-12: what the groups of a sharded store do with the shards.
//!
//! The observer has a picture of its own of what each group holds, made from what the groups'
//! servers applied first, and a copy of each shard on which it executes what was accepted anywhere.

mod picture;

use alloc::vec::Vec;

pub(in crate::sim) use self::picture::Place;

use self::picture::Picture;
use super::configs::Configs;
use super::{Findings, Law};
use crate::controller::Config;
use crate::id::{ClientId, ConfigNumber, Gid, NodeId, Serial, ShardId, Slot};
use crate::kv::{self, Kv};
use crate::machine::{Answer, Call, Machine, Sessions};
use crate::protocol::{Payload, Protocol};
use crate::shardkv::{self, Command, Holding, Install, Installed, Reply, ShardKv};
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
    /// A picture has changed since all was quiet last.
    moved: bool,
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
            moved: false,
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

    /// A server answered a read without the log, after it had applied `applied`. Only what is known
    /// up to just there can be judged.
    pub(super) fn on_read(
        &mut self,
        (gid, node): (Gid, NodeId),
        applied: Slot,
        (to, serial): (NodeId, Serial),
        reply: &StoreReply,
        findings: &mut Findings<'_>,
    ) {
        let service::Reply::Shards(reply) = reply else { return };
        let known = |picture: &mut Picture| !picture.lost && picture.through == applied;
        let asked = findings.world.node(to).and_then(|node| node.client()?.last());
        // An earlier attempt's answer comes to nobody who waits for it.
        let Some(asked) = asked.filter(|asked| asked.serial == serial) else { return };
        if !self.picture(gid).is_some_and(known) {
            return;
        }
        let number = u64::from(to.0.saturating_sub(findings.world.scenario().server_count())) + 1;
        let call = Call { client: ClientId(number), serial, command: asked.command.clone() };
        match reply {
            Reply::Client(answer) => {
                let read = |store: &mut Sessions<Kv>| store.read(&call).as_ref() == Some(answer);
                self.judge_service((gid, node), &call, read, findings);
            }
            Reply::WrongGroup { .. } => self.on_refused((gid, node), &call, findings),
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

    /// To which configuration a group came, and what it held of a shard then.
    pub(super) fn held(&self, gid: Gid, shard: ShardId) -> Option<(ConfigNumber, Place)> {
        let picture = self.pictures.get(usize::from(gid.0).checked_sub(1)?)?;
        Some((picture.config, picture.place(shard)))
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
        let execute = |store: &mut Sessions<Kv>| store.apply(call) == *answer;
        self.judge_service((gid, node), call, execute, findings);
        judge_number(node, call, findings);
    }

    /// A group served a call; `follows` says whether what it told follows from what was executed
    /// on the shard, wherever that was.
    fn judge_service(
        &mut self,
        (gid, node): (Gid, NodeId),
        call: &Call<kv::Command>,
        follows: impl FnOnce(&mut Sessions<Kv>) -> bool,
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
            let follows = follows(store);
            findings.judge(Law::NothingLost, node, follows || !owns, seen);
        }
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
        self.moved = true;
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
        self.moved |= last;
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
        self.moved = true;
    }

    /// A step has ended: what the server has is compared with the picture, and the pictures with
    /// the latest configuration.
    pub(super) fn judge(
        &mut self,
        gid: Gid,
        node: &Node,
        configs: &Configs,
        findings: &mut Findings<'_>,
    ) {
        self.judge_server(gid, node, findings);
        if self.moved {
            self.judge_calm(configs, findings);
        }
    }

    /// All groups have come to the latest configuration, and nothing is under way: each shard is
    /// with its owner and nowhere else or, if nobody owns it, with who held it last.
    fn judge_calm(&mut self, configs: &Configs, findings: &mut Findings<'_>) {
        let Some(config) = configs.get(configs.last()) else { return };
        let quiet = |picture: &Picture| {
            !picture.lost && picture.config == config.number && !picture.is_unfinished()
        };
        if !self.pictures.iter().all(quiet) {
            return;
        }
        self.moved = false;
        let parts = (0..).map(ShardId).zip(config.shards.iter().zip(config.holders.iter()));
        for (shard, (owner, holder)) in parts {
            let keeper = if owner.0 == 0 { holder } else { owner };
            let mut groups = (1..).map(Gid).zip(&self.pictures);
            let wrong = groups
                .find(|(gid, picture)| (picture.place(shard) == Place::Absent) == (gid == keeper));
            let gid = wrong.map_or(*keeper, |(gid, _)| gid);
            let node = findings.world.members(gid).next().map_or(NodeId(0), Node::id);
            let seen = [shard.0.into(), config.number.0];
            findings.judge(Law::OneCopy, node, wrong.is_none(), seen);
        }
    }

    fn judge_server(&mut self, gid: Gid, node: &Node, findings: &mut Findings<'_>) {
        let index = usize::from(gid.0).wrapping_sub(1);
        let Some(picture) = self.pictures.get_mut(index) else { return };
        let pieces = core::mem::take(&mut picture.pieces);
        let Some(server) = node.server() else { return };
        let Some(shards) = server.machine().shards() else { return };
        let current = server.applied() == picture.through;
        if picture.lost && server.applied() >= picture.through {
            picture.trust(shards, server.applied());
            self.moved = true;
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

/// What was executed is what its client called under that number.
fn judge_number(node: NodeId, call: &Call<kv::Command>, findings: &mut Findings<'_>) {
    let Some(number) = client_of(call.client) else { return };
    let first = u64::from(findings.world.scenario().server_count());
    let client = NodeId(u16::try_from(first + number - 1).unwrap_or(u16::MAX));
    let asked = findings.world.node(client).and_then(|node| node.client()?.last());
    let Some(asked) = asked else { return };
    // A late copy of an earlier call has an earlier number. No call has a later one yet.
    let earlier = call.serial < asked.serial;
    let same = call.serial == asked.serial && call.command == asked.command;
    findings.judge(Law::SameCall, node, earlier || same, [call.serial.0, asked.serial.0]);
}

fn shard_of(world: &World, call: &Call<kv::Command>) -> Option<ShardId> {
    let sharding = world.scenario().sharding?;
    Some(shardkv::shard_of(call.command.key(), sharding.shards, sharding.routing))
}
