//! CI-1 to CI-9: the configurations of a sharded store.

use alloc::vec::Vec;
use core::hash::{Hash, Hasher};

use super::{Findings, Law};
use crate::controller::{Command, Config, Controller, Reply, fewest_moves};
use crate::digest::Digest;
use crate::id::{ClientId, ConfigNumber, Gid, NodeId, Serial};
use crate::machine::{Answer, Call, Sessions};
use crate::protocol::Payload;
use crate::sim::report::Shown;
use crate::sim::service;
use crate::sim::store::{StoreEntry, StoreReply};
use crate::sim::world::World;

/// What is remembered of all configurations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Configs {
    /// By number, as they were made first.
    made: Vec<Config>,
    /// By client: what it called last, and the number of the last configuration at that time.
    called: Vec<(NodeId, Command, ConfigNumber)>,
    /// By session: the last call that was executed.
    executed: Vec<(ClientId, Serial)>,
}

/// Each shard belongs to a group that is there or, if there is none, to nobody.
fn judge_owners(config: &Config, node: NodeId, findings: &mut Findings<'_>) {
    let lost = config.shards.iter().position(|owner| match owner.0 {
        0 => !config.groups.is_empty(),
        _ => !config.groups.contains_key(owner),
    });
    let seen = [config.number.0, lost.unwrap_or_default() as u64];
    findings.judge(Law::OwnersExist, node, lost.is_none(), seen);
}

/// What a server of the controller has.
fn sessions(world: &World, node: NodeId) -> Option<&Sessions<Controller>> {
    world.node(node)?.server()?.machine().controller()
}

fn hash(config: &Config) -> u64 {
    let mut digest = Digest::default();
    config.hash(&mut digest);
    digest.finish()
}

impl Configs {
    /// The number of the last configuration.
    pub(super) fn last(&self) -> ConfigNumber {
        self.made.last().map_or(ConfigNumber(0), |config| config.number)
    }

    /// All of them, as they were made first.
    pub(super) fn all(&self) -> &[Config] {
        &self.made
    }

    /// The configuration of a number, as it was made first.
    pub(super) fn get(&self, number: ConfigNumber) -> Option<&Config> {
        self.made.get(usize::try_from(number.0).ok()?)
    }

    /// A server of the controller applied an entry; `first` if nobody had before.
    pub(super) fn on_applied(
        &mut self,
        world: &World,
        node: NodeId,
        (entry, reply, first): (&StoreEntry, Option<&StoreReply>, bool),
        findings: &mut Findings<'_>,
    ) {
        let Payload::Command(service::Command::Controller(call)) = &entry.payload else { return };
        let Some(service::Reply::Controller(Answer::Done(reply))) = reply else { return };
        let Some(sessions) = sessions(world, node) else { return };
        let machine = sessions.machine();
        if self.made.is_empty() {
            self.made.push(machine.config(Some(ConfigNumber(0))).clone());
        }
        match reply {
            Reply::Changed(number) => {
                let config = machine.config(Some(*number));
                if let Some(known) = self.get(*number) {
                    let holds = known == config;
                    findings.judge(Law::EqualConfigs, node, holds, [number.0, self.last().0]);
                }
                // A call that was repeated has its reply from before.
                if first && *number > self.last() {
                    self.on_change(node, &call.command, config, findings);
                    self.made.push(config.clone());
                }
            }
            Reply::Refused(_) if first && self.is_fresh(call) => {
                self.on_refused(node, &call.command, findings);
            }
            _ => {}
        }
        if first {
            self.on_executed((call.client, call.serial));
        }
    }

    /// A server of the controller has a snapshot. It may hold what nobody was seen to apply: a
    /// server that executes an entry, compacts its log and crashes before it says so comes back
    /// with it. Of such a configuration less can be judged, for its change is not known.
    pub(super) fn on_restored(&mut self, world: &World, node: NodeId, findings: &mut Findings<'_>) {
        let Some(sessions) = sessions(world, node) else { return };
        for config in sessions.machine().configs() {
            let seen = [config.number.0, self.last().0];
            if let Some(known) = self.get(config.number) {
                findings.judge(Law::EqualConfigs, node, known == config, seen);
                continue;
            }
            let next = config.number.0 == self.made.len() as u64;
            findings.judge(Law::NumberedConfigs, node, next, seen);
            judge_owners(config, node, findings);
            self.made.push(config.clone());
        }
        for (client, session) in sessions.table().iter() {
            self.on_executed((*client, session.last));
        }
    }

    /// Whether a call was executed just now: one that was repeated has its reply from before.
    fn is_fresh(&self, call: &Call<Command>) -> bool {
        let mut sessions = self.executed.iter();
        sessions.all(|(client, serial)| *client != call.client || *serial < call.serial)
    }

    fn on_executed(&mut self, (client, serial): (ClientId, Serial)) {
        match self.executed.iter_mut().find(|(known, _)| *known == client) {
            Some((_, last)) => *last = serial.max(*last),
            None => self.executed.push((client, serial)),
        }
    }

    fn on_change(
        &self,
        node: NodeId,
        command: &Command,
        config: &Config,
        findings: &mut Findings<'_>,
    ) {
        let Some(before) = self.made.last() else { return };
        let (number, groups) = (config.number.0, &config.groups);
        let next = before.number.next() == config.number;
        findings.judge(Law::NumberedConfigs, node, next, [number, before.number.0]);
        judge_owners(config, node, findings);
        let moves =
            || before.shards.iter().zip(config.shards.iter()).filter(|(old, new)| old != new);
        if let Command::Move { .. } = command {
            let count = moves().count() as u64;
            return findings.judge(Law::OneMove, node, count == 1, [number, count]);
        }
        let count = |gid: &Gid| config.shards.iter().filter(|owner| *owner == gid).count() as u64;
        let counts = || groups.iter().map(|(gid, _)| count(gid));
        let spread = counts().max().unwrap_or(0) - counts().min().unwrap_or(0);
        findings.judge(Law::EvenShares, node, spread <= 1, [number, spread]);
        let gids: Vec<Gid> = groups.iter().map(|(gid, _)| *gid).collect();
        let moved = moves().filter(|(old, new)| old.0 != 0 && new.0 != 0).count() as u64;
        let fewest = moved <= fewest_moves(&before.shards, &gids);
        findings.judge(Law::FewestMoves, node, fewest, [number, moved]);
        let swapped = moves().position(|(old, new)| {
            new.0 != 0 && moves().any(|(other_old, other_new)| (other_new, other_old) == (old, new))
        });
        let seen = [number, swapped.unwrap_or_default() as u64];
        findings.judge(Law::NoSwaps, node, swapped.is_none(), seen);
    }

    /// A group that was there before, and is not there now, may join with the same servers.
    fn on_refused(&self, node: NodeId, command: &Command, findings: &mut Findings<'_>) {
        let (Command::Join(groups), Some(last)) = (command, self.made.last()) else { return };
        let [(gid, servers)] = &groups[..] else { return };
        let before = self.made.iter().rev().find_map(|config| config.servers(*gid));
        let returns = before == Some(servers) && last.servers(*gid).is_none();
        findings.judge(Law::MayReturn, node, !returns, [gid.0.into(), last.number.0]);
    }

    /// A client's own step: it called, or was answered.
    pub(super) fn on_shown(&mut self, client: NodeId, shown: &Shown, findings: &mut Findings<'_>) {
        let last = self.last();
        match shown {
            Shown::Ordered { command, .. } => {
                self.called.retain(|(known, ..)| *known != client);
                self.called.push((client, command.clone(), last));
            }
            Shown::Concluded { reply: Some(Reply::Config(config)), .. } => {
                let called = self.called.iter().find(|(known, ..)| *known == client);
                let Some((_, Command::Query(asked), since)) = called else { return };
                let since = *since;
                let known = self.get(config.number);
                let same = known.map_or(config.number.0 == 0, |known| hash(known) == hash(config));
                // The one asked for if it was there; else the latest there was, or a later one.
                let right = match asked {
                    Some(asked) if *asked <= since => config.number == *asked,
                    Some(asked) => config.number >= since && config.number <= *asked,
                    None => config.number >= since,
                };
                let seen = [config.number.0, since.0];
                findings.judge(Law::TrueQueries, client, same && right, seen);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_that_is_repeated_is_not_executed_again() {
        let call = |client, serial| Call {
            client: ClientId(client),
            serial: Serial(serial),
            command: Command::Query(None),
        };
        let mut configs = Configs::default();
        assert!(configs.is_fresh(&call(1, 1)));
        configs.on_executed((ClientId(1), Serial(2)));
        configs.on_executed((ClientId(1), Serial(1)));
        assert!(!configs.is_fresh(&call(1, 1)) && !configs.is_fresh(&call(1, 2)));
        assert!(configs.is_fresh(&call(1, 3)) && configs.is_fresh(&call(2, 1)));
    }
}
