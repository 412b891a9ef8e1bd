//! Why a shard is not served.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::configuration::Unfinished;
use super::handover::shards;
use super::words::group as group_words;
use super::{Moment, Question, Rule, Status};
use crate::controller::Config;
use crate::id::{ConfigNumber, Gid, NodeId, ShardId, Slot};
use crate::shardkv::{Holding, ShardKv, Status as Has};
use crate::sim::client::Client;
use crate::sim::invariants::Place;
use crate::sim::node::Node;
use crate::sim::scenario::Scenario;
use crate::sim::store::Server;

/// Why a shard is not served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shard {
    /// The shard.
    pub shard: ShardId,
    /// Why not.
    pub gap: Gap,
}

/// Why nobody serves a shard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gap {
    /// There is no such shard.
    NoSuchShard {
        /// How many there are; 0: this is no sharded store.
        shards: u16,
    },
    /// It is served.
    Served {
        /// By which group.
        group: Gid,
        /// In which configuration.
        config: ConfigNumber,
    },
    /// It is served, and no client can reach who serves it.
    Apart {
        /// By which group.
        group: Gid,
    },
    /// Nobody owns it.
    NoOwner {
        /// In which configuration.
        config: ConfigNumber,
        /// Which group keeps it meanwhile.
        parked: Option<Gid>,
        /// Whose order for another configuration is open.
        asker: Option<NodeId>,
    },
    /// A group has it still, or is the next to get it, and nobody leads that group.
    NoLeader {
        /// Which.
        group: Gid,
    },
    /// A group has it still, or is the next to get it, and its leader is new: it must commit a slot
    /// first.
    NewLeader {
        /// Which.
        group: Gid,
        /// The slot.
        slot: Slot,
    },
    /// Its owner has not come to the configuration that gives it the shard.
    OwnerBehind {
        /// Who owns it.
        group: Gid,
        /// In which configuration.
        config: ConfigNumber,
    },
    /// Its owner awaits it from another group.
    Awaited {
        /// Who owns it.
        group: Gid,
        /// Who has it.
        from: Gid,
    },
    /// Its owner serves nothing while any shard is on its way.
    GroupPauses {
        /// Who owns it.
        group: Gid,
        /// What the owner has still to do.
        unfinished: Unfinished,
    },
    /// Its owner has come to its configuration, and should have the shard: something else is so.
    Lost {
        /// Who owns it.
        group: Gid,
        /// What the owner has of it.
        has: Has,
    },
}

/// The latest configuration that a server knows.
fn known(server: &Server) -> Option<&Config> {
    let machine = server.machine();
    let own = machine.controller().map(|own| own.machine().latest());
    own.or_else(|| machine.shards().map(ShardKv::config))
}

impl Moment<'_> {
    /// The latest configuration that there is: one that a server knows, or was seen to make.
    fn configuration_known(&self) -> Option<&Config> {
        let servers = self.world.servers().filter_map(Node::server);
        let made = self.chronicle.observers.configs().last();
        servers.filter_map(known).chain(made).max_by_key(|config| config.number)
    }

    /// The latest configuration's number.
    pub(super) fn latest(&self) -> ConfigNumber {
        self.configuration_known().map_or(ConfigNumber(0), |config| config.number)
    }

    pub(super) fn shard(&self, shard: ShardId) -> Shard {
        Shard { shard, gap: self.gap(shard) }
    }

    /// What a group knows of its shards, if a running server has applied all that one ever did.
    pub(super) fn present(&self, group: Gid) -> Option<&ShardKv> {
        let server = self.world.furthest(group)?;
        if self.is_behind(group, server) { None } else { server.machine().shards() }
    }

    /// To which configuration a group has come, and what it holds of a shard, whether or not it
    /// runs.
    pub(super) fn held(&self, group: Gid, shard: ShardId) -> Option<(ConfigNumber, Place)> {
        let own = |own: &ShardKv| Some((own.config().number, Place::of(own.holding(shard)?)));
        let known = || self.chronicle.observers.held(group, shard);
        self.present(group).map_or_else(known, own)
    }

    /// The group that would serve a shard, as far as each group has come.
    pub(super) fn server_of(&self, shard: ShardId) -> Option<Gid> {
        let serves = |gid: &Gid| match self.present(*gid) {
            Some(own) => own.serves(shard),
            None => self.held(*gid, shard).is_some_and(|(_, place)| place == Place::Serving),
        };
        self.world.scenario().groups().find(serves)
    }

    /// The group that is the next to serve a shard, and by which configuration: a shard goes from
    /// owner to owner in the order of the configurations, so it is the first that awaits it or that
    /// has not come to the configuration which gives it the shard.
    fn next_owner(&self, shard: ShardId) -> Option<(Gid, ConfigNumber)> {
        let held = |gid| self.held(gid, shard);
        let groups = || self.world.scenario().groups();
        let awaited = groups().filter_map(|gid| match held(gid)?.1 {
            Place::Awaiting { config } => Some((gid, config)),
            _ => None,
        });
        let own = |config: &Config| Some((config.owner(shard)?, config.number));
        let made = self.chronicle.observers.configs().iter();
        let mut owners = made.filter_map(own).filter(|(gid, _)| *gid != Gid(0));
        let untaken = owners.find(|(gid, config)| held(*gid).is_none_or(|(own, _)| own < *config));
        let latest = || {
            let config = self.configuration_known()?;
            Some((config.owner(shard).filter(|gid| *gid != Gid(0))?, config.number))
        };
        awaited.chain(untaken).min_by_key(|(_, config)| *config).or_else(latest)
    }

    fn gap(&self, shard: ShardId) -> Gap {
        let count = self.world.scenario().sharding.map_or(0, |sharding| sharding.shards);
        if shard.0 >= count {
            return Gap::NoSuchShard { shards: count };
        }
        if let Some(group) = self.server_of(shard) {
            let Some(leader) = self.led(group) else { return Gap::NoLeader { group } };
            if let Some(slot) = self.catching_up(group, leader) {
                return Gap::NewLeader { group, slot };
            }
            let all = self.world.nodes().iter();
            let clients: Vec<NodeId> =
                all.filter(|node| node.client().is_some()).map(Node::id).collect();
            if !clients.is_empty() && self.is_apart(&clients, group) {
                return Gap::Apart { group };
            }
            let config = shards(self.world, group).map(|own| own.config().number);
            return Gap::Served { group, config: config.unwrap_or_default() };
        }
        let Some((group, config)) = self.next_owner(shard) else {
            let is_parked =
                |gid: &Gid| self.held(*gid, shard).is_some_and(|(_, place)| place == Place::Parked);
            let parked = self.world.scenario().groups().find(is_parked);
            // An order that is open comes before one that waits behind something else.
            let clients = self.world.nodes().iter().filter_map(|it| Some((it.id(), it.client()?)));
            let orders = clients.filter(|(_, client)| client.orders() > 0);
            let waits = |client: &Client| client.order().is_none_or(|it| it.returned.is_some());
            let asker = orders.min_by_key(|(_, client)| waits(client)).map(|(id, _)| id);
            return Gap::NoOwner { config: self.latest(), parked, asker };
        };
        let Some(own) = self.present(group) else {
            let catching_up = self.led(group).and_then(|leader| self.catching_up(group, leader));
            let no_leader = Gap::NoLeader { group };
            return catching_up.map_or(no_leader, |slot| Gap::NewLeader { group, slot });
        };
        if own.config().number < config {
            return Gap::OwnerBehind { group, config };
        }
        match own.holding(shard) {
            Some(Holding::Awaiting { from, .. }) => Gap::Awaited { group, from: *from },
            Some(Holding::Serving(_)) => {
                Gap::GroupPauses { group, unfinished: self.unfinished(group) }
            }
            other => Gap::Lost { group, has: other.map_or(Has::Absent, Holding::status) },
        }
    }
}

impl Shard {
    pub(super) const fn status(&self) -> Status {
        match self.gap {
            Gap::NoSuchShard { .. } => Status::Unknown,
            Gap::Served { .. } => Status::So,
            Gap::NewLeader { .. } | Gap::NoOwner { asker: Some(_), .. } => Status::Underway,
            _ => Status::Blocked,
        }
    }

    pub(super) const fn rule(&self) -> Option<Rule> {
        match self.gap {
            Gap::NoSuchShard { .. } | Gap::Served { .. } | Gap::Apart { .. } => None,
            Gap::NoLeader { .. } | Gap::NewLeader { .. } => Some(Rule::LeaderServes),
            Gap::GroupPauses { .. } => Some(Rule::WholeGroup),
            _ => Some(Rule::WholeShard),
        }
    }

    pub(super) const fn next(&self) -> Option<Question> {
        let shard = self.shard;
        match &self.gap {
            Gap::NoLeader { group } => Some(Question::Leader { group: *group }),
            Gap::NewLeader { group, slot } => Some(Question::Commit { group: *group, slot: *slot }),
            Gap::OwnerBehind { group, config } => {
                Some(Question::Configuration { group: *group, number: *config })
            }
            Gap::Awaited { group, from } => {
                Some(Question::Handover { shard, from: *from, to: *group })
            }
            Gap::GroupPauses { unfinished, .. } => unfinished.first,
            Gap::NoOwner { asker: Some(client), .. } => Some(Question::Request { client: *client }),
            _ => None,
        }
    }

    pub(super) fn words(&self, scenario: &Scenario) -> String {
        let Self { shard, gap } = self;
        let name = |gid: &Gid| group_words(scenario, *gid);
        match gap {
            Gap::NoSuchShard { shards: 0 } => "There are no shards here.".into(),
            Gap::NoSuchShard { shards } => {
                format!("There is no shard {shard}: there are shards 0 to {}.", shards - 1)
            }
            Gap::Served { group, config } => {
                format!("{} serves shard {shard} in configuration {config}.", name(group))
            }
            Gap::Apart { group } => {
                format!("{} serves shard {shard}, and no client can reach it.", name(group))
            }
            Gap::NoOwner { config, parked, .. } => {
                let kept = parked.map_or_else(String::new, |gid| {
                    format!(" {} had it last and keeps it.", name(&gid))
                });
                format!("Nobody owns shard {shard} in configuration {config}.{kept}")
            }
            Gap::NoLeader { group } => {
                format!("Shard {shard} waits for {}, which has no leader.", name(group))
            }
            Gap::NewLeader { group, slot } => format!(
                "Shard {shard} waits for {}, whose leader is new and must commit slot {slot} \
                 first.",
                name(group)
            ),
            Gap::OwnerBehind { group, config } => format!(
                "Shard {shard} belongs to {} by configuration {config}, to which it has not come.",
                name(group)
            ),
            Gap::Awaited { group, from } => format!(
                "Shard {shard} belongs to {}, which has not got all of it from {} ({}).",
                name(group),
                name(from),
                Rule::WholeShard.section()
            ),
            Gap::GroupPauses { group, unfinished } => format!(
                "Shard {shard} belongs to {}, which serves nothing while shards are on their way \
                 ({}): {}.",
                name(group),
                Rule::WholeGroup.section(),
                unfinished.words(scenario)
            ),
            Gap::Lost { group, has } => {
                let has = match has {
                    Has::Absent => "has nothing of it",
                    Has::Frozen => "has frozen it",
                    Has::Parked => "has parked it",
                    Has::Serving | Has::Awaiting => "does not serve it",
                };
                format!("Shard {shard} belongs to {}, which {has}.", name(group))
            }
        }
    }
}
