//! The settings by name: one row for each, which says how its value is read and where it goes.

use core::fmt;

use super::Error;
use super::lex::Cursor;
use super::parse::values;
use crate::id::MutantId;
use crate::rng::Ppm;
use crate::shardkv::Routing;
use crate::sim::network::Latency;
use crate::sim::scenario::Scenario;
use crate::sim::workload::{Mix, Pace, Workload};
use crate::time::Duration;

/// A setting of a run that a script can name.
pub struct Setting {
    /// Its name.
    pub name: &'static str,
    /// When it can be set.
    pub(super) part: Part,
    /// How its value is read.
    pub(super) read: fn(&mut Cursor<'_>) -> Result<Value, Error>,
    /// Where its value goes. A value of another setting changes nothing.
    pub(super) set: fn(&mut Scenario, &Value),
    /// Its value; none, if it only stands for others.
    pub(super) get: fn(&Scenario) -> Option<Value>,
}

/// When a setting can be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Before the run.
    Start,
    /// Before the run, of a cluster with groups.
    Sharded,
    /// Also while it runs: it belongs to the network.
    Network,
    /// Also while it runs: it belongs to the workload.
    Workload,
}

/// The setting without which there are no groups.
pub(super) const GROUPS: &str = "groups";

/// The value of a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// A number.
    Count(u64),
    /// A limit; none: there is no limit.
    Limit(Option<u64>),
    /// On or off.
    Switch(bool),
    /// How long.
    Time(Duration),
    /// Between two lengths of time.
    Span((Duration, Duration)),
    /// How likely.
    Chance(Ppm),
    /// How long something takes.
    Latency(Latency),
    /// When a client begins its next operation.
    Pace(Pace),
    /// Which operations clients choose.
    Mix(Mix),
    /// Which decision is taken wrongly.
    Mutant(MutantId),
    /// How a key leads to a shard.
    Routing(Routing),
    /// Of timers: they go off only in an hour.
    Quiet(()),
}

impl PartialEq for Setting {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Setting {}

impl fmt::Debug for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// A row: the name, when it can be set, the kind of value with what belongs to it, and the place.
macro_rules! setting {
    ($name:expr, Sharded, Count, $place:ident) => {
        Setting {
            name: $name,
            part: Part::Sharded,
            read: |cursor| values::count(cursor, u64::from(u16::MAX)).map(Value::Count),
            set: |scenario, value| {
                if let Value::Count(number) = value {
                    scenario.sharding.get_or_insert_default().$place = *number as u16;
                }
            },
            get: |scenario| scenario.sharding.map(|sharding| Value::Count(sharding.$place.into())),
        }
    };
    ($name:literal, Sharded, $kind:ident($read:path), $place:ident) => {
        Setting {
            name: $name,
            part: Part::Sharded,
            read: |cursor| $read(cursor).map(Value::$kind),
            set: |scenario, value| {
                if let Value::$kind(value) = value {
                    scenario.sharding.get_or_insert_default().$place = *value;
                }
            },
            get: |scenario| scenario.sharding.map(|sharding| Value::$kind(sharding.$place)),
        }
    };
    ($name:literal, $part:ident, Count($int:ty), $($place:ident).+) => {
        Setting {
            name: $name,
            part: Part::$part,
            read: |cursor| values::count(cursor, <$int>::MAX as u64).map(Value::Count),
            set: |scenario, value| {
                if let Value::Count(number) = value {
                    scenario.$($place).+ = *number as $int;
                }
            },
            get: |scenario| Some(Value::Count(scenario.$($place).+ as u64)),
        }
    };
    ($name:literal, $part:ident, $kind:ident($read:path), $($place:ident).+) => {
        Setting {
            name: $name,
            part: Part::$part,
            read: |cursor| $read(cursor).map(Value::$kind),
            set: |scenario, value| {
                if let Value::$kind(value) = value {
                    scenario.$($place).+ = *value;
                }
            },
            get: |scenario| Some(Value::$kind(scenario.$($place).+)),
        }
    };
    ($name:literal, $part:ident, $($low:ident).+ to $($high:ident).+) => {
        Setting {
            name: $name,
            part: Part::$part,
            read: |cursor| values::span(cursor).map(Value::Span),
            set: |scenario, value| {
                if let Value::Span((low, high)) = value {
                    (scenario.$($low).+, scenario.$($high).+) = (*low, *high);
                }
            },
            get: |scenario| Some(Value::Span((scenario.$($low).+, scenario.$($high).+))),
        }
    };
}

impl Setting {
    /// All settings, in the order in which they are usually written.
    pub const ALL: &'static [Self] = &[
        setting!("seed", Start, Count(u64), seed),
        setting!("servers", Start, Count(u16), servers),
        setting!("clients", Start, Count(u16), clients),
        setting!(GROUPS, Sharded, Count, groups),
        setting!("controllers", Sharded, Count, controllers),
        setting!("shards", Sharded, Count, shards),
        setting!("routing", Sharded, Routing(values::routing), routing),
        setting!("poll interval", Sharded, Time(values::time), poll),
        setting!("whole group pauses", Sharded, Switch(values::switch), pause_all),
        setting!("mutant of the controller", Sharded, Mutant(values::mutant), controller_mutant),
        QUIET,
        setting!(
            "election time-out",
            Start,
            raft.election_min to raft.election_max
        ),
        setting!("heartbeat", Start, Time(values::time), raft.heartbeat),
        setting!("entries per message", Start, Count(u64), raft.append_max),
        setting!("window", Start, Count(u64), raft.window),
        setting!("uncommitted entries", Start, Count(u64), raft.uncommitted_max),
        setting!("pre-vote", Start, Switch(values::switch), raft.pre_vote),
        setting!("check-quorum", Start, Switch(values::switch), raft.check_quorum),
        setting!("stickiness", Start, Switch(values::switch), raft.sticky),
        setting!("latency", Network, Latency(values::latency), network.latency),
        setting!("loss", Network, Chance(values::chance), network.loss),
        setting!("duplication", Network, Chance(values::chance), network.duplicate),
        setting!("re-ordering delay", Network, Time(values::time), network.reorder_by),
        setting!("re-ordering", Network, Chance(values::chance), network.reorder),
        setting!("disk write", Start, Latency(values::latency), disk.write),
        setting!("service time", Start, Time(values::time), service),
        setting!("workload", Workload, Pace(values::pace), workload.pace),
        setting!("keys", Workload, Count(u16), workload.keys),
        setting!("hot key", Workload, Chance(values::chance), workload.hot),
        setting!("mix", Workload, Mix(values::mix), workload.mix),
        setting!("operations", Workload, Limit(values::limit), workload.limit),
        setting!("client time-out", Start, Time(values::time), patience.attempt),
        setting!("client rest", Start, patience.rest_min to patience.rest_max),
        setting!("read-index", Start, Switch(values::switch), read_index),
        setting!("sessions", Start, Count(u32), sessions),
        setting!("snapshot above", Start, Limit(values::limit), snapshot_above),
        setting!("mutant", Start, Mutant(values::mutant), mutant),
    ];

    /// What a script starts from: three servers, one client that does nothing by itself, and the
    /// usual settings.
    pub(super) fn start() -> Scenario {
        let workload = Workload { pace: Pace::Silent, ..Workload::default() };
        Scenario { workload, ..Scenario::new(1, 3, 1) }
    }

    /// Its value in a scenario; none, if it only stands for others.
    pub fn value(&self, scenario: &Scenario) -> Option<Value> {
        (self.get)(scenario)
    }
}

/// Election timers that do not go off by themselves: whoever leads was told to stand. A server that
/// hears from a leader would disregard candidates for as long as that, so nobody is sticky.
const QUIET: Setting = Setting {
    name: "timers",
    part: Part::Start,
    read: |cursor| cursor.need("quiet", "timers quiet").map(Value::Quiet),
    set: |scenario, value| {
        if let Value::Quiet(()) = value {
            let hour = Duration::from_secs(3600);
            (scenario.raft.election_min, scenario.raft.election_max) = (hour, hour);
            scenario.raft.sticky = false;
        }
    },
    get: |_| None,
};
