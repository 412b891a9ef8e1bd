//! What the groups of a healed cluster must show besides: they come to the latest configuration,
//! and each shard is where it belongs.

use alloc::format;
use alloc::vec::Vec;

use super::Run;
use super::draw::cluster::{join, latest, order};
use super::judge::{Fault, Reason};
use crate::id::{ConfigNumber, Gid, ShardId};
use crate::linear::{self, Verdict};
use crate::shardkv::{ShardKv, Status};
use crate::time::Instant;

/// More steps than this are not spent on finding an order of a run's operations.
const BUDGET: u64 = 1 << 24;

impl Run {
    /// Orders that were given are carried out, somebody has the shards, and all healed servers come
    /// to the latest configuration. The moment when that is so; a single group has nothing to do.
    /// How many configurations they have missed is not known at first, for a controller that has
    /// just started knows none: 30 time-outs may pass before they get on by one, however many, or
    /// before a log that is behind comes nearer.
    pub(super) fn settle(&mut self) -> Result<Instant, Fault> {
        let now = self.world.now();
        if self.world.scenario().sharding.is_none() {
            return Ok(now);
        }
        let pause = self.world.scenario().raft.election_max;
        let (mut limit, mut more) = (now + pause.times(30), now);
        let (mut least, mut fewest, mut shortest) = (self.least(), self.orders(), self.lag());
        while !self.is_settled() {
            let (oldest, orders, lag) = (self.least(), self.orders(), self.lag());
            if oldest > least || orders < fewest || lag < shortest {
                (least, fewest) = (oldest.max(least), orders.min(fewest));
                shortest = lag.min(shortest);
                limit = more + pause.times(30);
            }
            if more >= limit {
                return Err((Reason::Unsettled, self.unsettled(now)));
            }
            let nobody = latest(&self.world).is_none_or(|config| config.groups.is_empty());
            let all = join(&self.world, self.world.scenario().groups().skip(1));
            // Others may have to wait for somebody to serve them before they come to their orders.
            if nobody
                && self.is_operator_free()
                && let Some(action) = order(&self.world, all)
            {
                self.act(more, &action);
            }
            more += pause;
            self.run_until(more)?;
        }
        Ok(more)
    }

    /// The oldest configuration that a healed server is at.
    fn least(&self) -> ConfigNumber {
        self.groups().map(|(_, shards)| shards.config().number).min().unwrap_or_default()
    }

    /// By how many slots the logs of healed servers are behind those of their groups, in all.
    fn lag(&self) -> u64 {
        let groups = self.world.scenario().groups();
        let lags = groups.map(|gid| {
            let healed = self.world.members(gid).filter(|node| self.core.contains(node.id()));
            let servers = healed.filter_map(|node| node.server());
            let ends = || servers.clone().map(|server| server.replica().log().last().slot.0);
            ends().max().unwrap_or(0) - ends().min().unwrap_or(0)
        });
        lags.sum()
    }

    /// The healed servers of all groups that hold shards.
    pub(super) fn groups(&self) -> impl Iterator<Item = (Gid, &ShardKv)> {
        let healed = self.world.servers().filter(|node| self.core.contains(node.id()));
        healed.filter_map(|node| {
            let group = self.world.scenario().group_of(node.id())?;
            Some((group, node.server()?.machine().shards()?))
        })
    }

    /// Changes and queries of the configuration that have not returned.
    fn orders(&self) -> usize {
        let clients = self.world.nodes().iter().filter_map(|node| node.client());
        clients.map(|client| client.orders()).sum()
    }

    fn is_operator_free(&self) -> bool {
        let operator = self.world.scenario().operator().and_then(|id| self.world.node(id));
        let client = operator.and_then(|node| node.client());
        client.is_some_and(|client| client.orders() == 0)
    }

    fn is_settled(&self) -> bool {
        let controllers = self.world.members(Gid(0)).filter(|node| self.core.contains(node.id()));
        let numbers = controllers.map(|node| {
            let controller = node.server().and_then(|server| server.machine().controller());
            controller.map(|sessions| sessions.machine().latest().number)
        });
        let numbers: Vec<Option<ConfigNumber>> = numbers.collect();
        let Some(config) = latest(&self.world) else { return false };
        let expected = self
            .core
            .iter()
            .filter(|id| self.world.scenario().group_of(*id).is_some_and(|group| group != Gid(0)));
        self.orders() == 0
            && !config.groups.is_empty()
            && numbers.iter().all(|number| *number == Some(config.number))
            && self.groups().count() == expected.count()
            && self.groups().all(|(_, shards)| {
                shards.config().number == config.number && !shards.is_unfinished()
            })
    }

    /// Who is where, in one sentence.
    fn unsettled(&self, since: Instant) -> alloc::string::String {
        let last = latest(&self.world).map_or(0, |config| config.number.0);
        let groups: Vec<_> = self
            .groups()
            .map(|(gid, shards)| {
                let (number, open) = (shards.config().number, shards.is_unfinished());
                format!("G{gid} at {number}{}", if open { " and unfinished" } else { "" })
            })
            .collect();
        let (now, open) = (self.now, self.orders());
        format!(
            "From the healing at {since} s to {now} s the groups did not all come to configuration \
             {last}: {}; {open} orders are open.",
            groups.join(", ")
        )
    }

    /// After all was quiet: every call has its answer, every shard is stored once, and the whole
    /// history can be explained.
    pub(super) fn judge_cluster(&self) -> Result<(), Fault> {
        if !self.idle() {
            return Err((Reason::Unanswered, "After all was quiet, a call is still open.".into()));
        }
        if !self.is_settled() {
            return Err((Reason::Unsettled, self.unsettled(self.healed)));
        }
        self.placement()?;
        self.linearizable()
    }

    /// Each shard is served by its owner, and nobody else has anything of it.
    fn placement(&self) -> Result<(), Fault> {
        let Some((shard, gid, wanted)) = self.misplaced() else { return Ok(()) };
        let sentence = format!("Shard {shard} should be {wanted:?} in G{gid}, and is not.");
        Err((Reason::Misplaced, sentence))
    }

    /// A shard, a group, and what a healed server of it should have of that shard and has not.
    pub(super) fn misplaced(&self) -> Option<(ShardId, Gid, Status)> {
        let config = latest(&self.world)?;
        let shards = (0..).map(ShardId).zip(config.shards.iter());
        let places = shards.flat_map(|(shard, owner)| {
            self.groups().map(move |(gid, shards)| {
                let status = shards.holding(shard).map(|holding| holding.status());
                let wanted = if gid == *owner { Status::Serving } else { Status::Absent };
                (status, (shard, gid, wanted))
            })
        });
        let wrong = places.into_iter().find(|(status, (.., wanted))| *status != Some(*wanted));
        wrong.map(|(_, place)| place)
    }

    /// The whole history, from the first call to the last return.
    fn linearizable(&self) -> Result<(), Fault> {
        let keys = match linear::check(&self.chronicle.history, BUDGET) {
            Ok(keys) => keys,
            Err(malformed) => return Err((Reason::Illegal, format!("{malformed}"))),
        };
        let (reason, words) = match linear::verdict(&keys) {
            Verdict::Linearizable => return Ok(()),
            Verdict::Illegal => (Reason::Illegal, "No order explains what was seen of"),
            Verdict::Undecided => (Reason::Undecided, "No order was found, nor ruled out, for"),
        };
        let found = keys.iter().find(|key| key.finding.verdict != Verdict::Linearizable);
        let (key, operations) = found.map_or(("", 0), |key| (&*key.key, key.operations.len()));
        Err((reason, format!("{words} key {key}, in {operations} operations.")))
    }
}
