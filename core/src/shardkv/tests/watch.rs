//! What must hold between groups, judged from outside after every entry that is applied.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::super::*;
use super::lab::Group;
use crate::id::{ConfigNumber, Gid, ShardId};
use crate::kv::{self, Kv};
use crate::machine::{Answer, Machine, Sessions, encoded_len};

/// What was seen, and what was wrong with it.
#[derive(Default)]
pub(super) struct Watch {
    /// By invariant: the first story of each.
    pub(super) violations: BTreeMap<&'static str, String>,
    /// What was frozen, by configuration and shard.
    frozen: BTreeMap<(ConfigNumber, ShardId), Sessions<Kv>>,
    /// What was installed to its last piece.
    installed: BTreeSet<(ConfigNumber, ShardId)>,
    /// Shards that somebody has served.
    served: BTreeSet<ShardId>,
    /// Tokens that clients appended, by key: whether the append is known to have happened.
    tokens: BTreeMap<(kv::Text, kv::Text), bool>,
    /// How often what was met.
    pub(super) met: BTreeMap<&'static str, u64>,
    shards: u16,
}

fn status(machine: &ShardKv, shard: ShardId) -> Status {
    machine.holding(shard).map_or(Status::Absent, Holding::status)
}

fn cells(data: &Sessions<Kv>) -> Vec<(&kv::Text, &kv::Versioned)> {
    data.machine().iter().collect()
}

impl Watch {
    pub(super) fn new(shards: u16) -> Self {
        Self { shards, ..Self::default() }
    }

    pub(super) fn violated(&mut self, invariant: &'static str, story: String) {
        self.violations.entry(invariant).or_insert(story);
    }

    fn meet(&mut self, what: &'static str) {
        *self.met.entry(what).or_default() += 1;
    }

    /// A group applied a command.
    pub(super) fn applied(
        &mut self,
        before: &ShardKv,
        after: &ShardKv,
        command: &Command,
        reply: &Reply,
    ) {
        assert_eq!(after.bytes(), encoded_len(after), "bytes are counted as they are encoded");
        let gid = before.gid();
        match command {
            Command::Client(call) => {
                let shard = before.shard_of(call.command.key());
                match (reply, status(before, shard)) {
                    (Reply::Client(answer), Status::Serving) => {
                        if matches!(answer, Answer::Expired { .. }) {
                            self.meet("an expired session");
                        }
                        if before == after && matches!(answer, Answer::Done(_)) {
                            self.meet("a repeat that was not executed");
                        }
                    }
                    (Reply::Client(_), Status::Awaiting) => {
                        self.violated("KI-3", format!("{gid} executes on {shard} too early"));
                    }
                    (Reply::Client(_), other) => {
                        self.violated("KI-1", format!("{gid} executes on {shard}: {other:?}"));
                    }
                    (_, Status::Serving) if !before.settings().pause_all => {
                        self.violated("KI-9", format!("{gid} refuses {shard}, which it serves"));
                    }
                    (_, _) if before != after => {
                        self.violated("KI-10", format!("{gid} remembers a refusal"));
                    }
                    _ => self.meet("a refusal in the log"),
                }
            }
            Command::Configure(config) if *reply == Reply::Configured(true) => {
                let own = before.config().number;
                if own.next() != config.number || before.is_unfinished() {
                    self.violated("KI-2", format!("{gid} goes from {own} to {}", config.number));
                }
            }
            Command::Install(install) => {
                let waits = status(before, install.shard) == Status::Awaiting;
                if !waits && before != after {
                    self.violated("KI-7", format!("{gid} takes {} again", install.shard));
                }
                if before == after {
                    self.meet("a piece that was there");
                }
            }
            Command::Delete { config, shard } => {
                let kept_since = match before.holding(*shard) {
                    Some(Holding::Frozen { config, .. }) => Some(*config),
                    _ => None,
                };
                let moved = self.installed.contains(&(*config, *shard));
                if before != after && (kept_since != Some(*config) || !moved) {
                    self.violated("KI-6", format!("{gid} deletes {shard} of {config}"));
                }
                if before == after {
                    self.meet("a late deletion");
                }
            }
            Command::Configure(_) => {}
        }
        (0..self.shards).map(ShardId).for_each(|shard| self.changed(before, after, shard));
    }

    /// What became of one shard of a group.
    fn changed(&mut self, before: &ShardKv, after: &ShardKv, shard: ShardId) {
        let (Some(old), Some(new)) = (before.holding(shard), after.holding(shard)) else { return };
        match (old, new) {
            (Holding::Serving(_) | Holding::Parked(_), Holding::Frozen { config, data, .. }) => {
                self.frozen.insert((*config, shard), data.clone());
                self.meet("a shard that froze");
            }
            (Holding::Awaiting { config, from, .. }, Holding::Serving(data)) => {
                self.installed.insert((*config, shard));
                self.meet("a shard that moved");
                let Some(sent) = self.frozen.get(&(*config, shard)) else {
                    return self.violated("KI-3", format!("{from} never froze {shard}"));
                };
                if cells(sent) != cells(data) {
                    self.violated("KI-3", format!("{shard} is not what {from} froze"));
                } else if sent.table() != data.table() || sent.frame() != data.frame() {
                    self.violated("KI-5", format!("sessions of {shard} stayed with {from}"));
                } else {
                    assert_eq!(sent.bytes(), data.bytes());
                    assert_eq!(encoded_len(sent), encoded_len(data));
                }
            }
            (Holding::Absent, Holding::Serving(_)) if !self.served.insert(shard) => {
                self.violated("KI-3", format!("{} begins {shard} anew", after.gid()));
            }
            (Holding::Serving(_), Holding::Parked(_)) => self.meet("a shard that was parked"),
            (Holding::Parked(_), Holding::Serving(_)) => self.meet("a shard that came back"),
            _ => {}
        }
    }

    /// All groups, at any moment.
    pub(super) fn looked(&mut self, groups: &[Group]) {
        for shard in (0..self.shards).map(ShardId) {
            let serves = |group: &&Group| status(&group.machine, shard) == Status::Serving;
            let serving: Vec<Gid> = groups.iter().filter(serves).map(|group| group.gid).collect();
            if serving.len() > 1 {
                self.violated("KI-1", format!("{shard} is served by {serving:?}"));
            }
        }
    }

    /// A client called.
    pub(super) fn called(&mut self, command: &kv::Command) {
        if let kv::Command::Append { key, value } = command {
            let unique = self.tokens.insert((key.clone(), value.clone()), false).is_none();
            assert!(unique, "tokens must be told apart: {value}");
        }
    }

    /// A call returned.
    pub(super) fn returned(&mut self, command: &kv::Command, reply: Option<&kv::Reply>) {
        if let (kv::Command::Append { key, value }, Some(kv::Reply::Written { .. })) =
            (command, reply)
        {
            self.tokens.insert((key.clone(), value.clone()), true);
        }
    }

    /// All is quiet: each shard is in one place, and no token is lost or doubled.
    pub(super) fn quiet(&mut self, groups: &[Group]) {
        let mut values: BTreeMap<kv::Text, String> = BTreeMap::new();
        for shard in (0..self.shards).map(ShardId) {
            let holds = |group: &&Group| status(&group.machine, shard) != Status::Absent;
            let holders: Vec<&Group> = groups.iter().filter(holds).collect();
            let expected = usize::from(self.served.contains(&shard));
            if holders.len() != expected {
                let holders: Vec<Gid> = holders.iter().map(|group| group.gid).collect();
                self.violated("KI-8", format!("{shard} is stored in {holders:?}"));
            }
            let data = holders.iter().filter_map(|group| group.machine.holding(shard)?.data());
            for (key, cell) in data.flat_map(|data| data.machine().iter()) {
                values.insert(key.clone(), cell.value.to_string());
            }
        }
        let tokens = core::mem::take(&mut self.tokens);
        for ((key, token), certain) in &tokens {
            let found = values.get(key).map_or(0, |value| value.matches(&**token).count());
            if found > 1 || (*certain && found == 0) {
                self.violated("KI-4", format!("{token} stands {found} times in {key}"));
            }
        }
        self.tokens = tokens;
    }

    /// Not all became quiet: whether groups wait for each other.
    pub(super) fn stuck(&mut self, groups: &[Group]) {
        let withholds = |giver: &Group, gid: Gid| {
            let frozen = giver.machine.holdings().any(|(shard, holding)| {
                let pushed = giver.mover.pushes().any(|(pushed, ..)| pushed == shard);
                matches!(holding, Holding::Frozen { to, .. } if *to == gid) && !pushed
            });
            frozen && !giver.machine.awaited().is_empty()
        };
        for group in groups {
            for (_, holding) in group.machine.holdings() {
                let Holding::Awaiting { from, .. } = holding else { continue };
                let Some(giver) = groups.iter().find(|giver| giver.gid == *from) else { continue };
                if withholds(giver, group.gid) {
                    let story = format!("{} waits for {from}, which waits itself", group.gid);
                    self.violated("KI-12", story);
                }
            }
        }
        self.violated("progress", "groups or clients do not come to an end".into());
    }
}
