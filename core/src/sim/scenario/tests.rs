//! Settings that cannot be: one clear sentence each.

use alloc::vec::Vec;

use super::*;
use crate::sim::network::Latency;
use crate::sim::workload::{Mix, Pace};

fn micros(micros: u64) -> Duration {
    Duration::from_micros(micros)
}

#[test]
fn the_usual_settings_are_fine() {
    for servers in 1..=Scenario::MAX_SERVERS {
        assert_eq!(Scenario::new(1, servers, 2).complaints(), []);
    }
    assert_eq!(Scenario::default().complaints(), []);
}

/// A change that makes a scenario impossible, the setting that is named, and words of the sentence.
type Case = (fn(&mut Scenario), &'static str, &'static str);

const CASES: [Case; 27] = [
    (|s| s.servers = 0, "servers", "1 to 9 servers, not 0"),
    (|s| s.servers = 10, "servers", "1 to 9 servers, not 10"),
    (|s| s.servers = u16::MAX, "servers", "not 65535"),
    (|s| s.clients = 33, "clients", "0 to 32 clients, not 33"),
    (|s| s.clients = u16::MAX, "clients", "not 65535"),
    (|s| s.raft.election_min = micros(500_000), "election time-out", "swap them"),
    (|s| s.raft.heartbeat = Duration::ZERO, "heartbeat", "would send without end"),
    (|s| s.raft.heartbeat = s.raft.election_min, "heartbeat", "must be shorter"),
    (|s| s.raft.heartbeat = micros(u64::MAX), "heartbeat", "must be shorter"),
    (|s| s.raft.election_max = micros(u64::MAX), "election time-out", "at most an hour"),
    (|s| s.raft.append_max = 0, "entries per message", "at least 1 entry"),
    (|s| s.raft.window = 0, "window", "At least 1 entry"),
    (|s| s.raft.uncommitted_max = 0, "window", "At least 1 entry"),
    (|s| s.sessions = 0, "sessions", "at least 1 session"),
    (|s| s.snapshot_above = Some(0), "snapshot above", "0 bytes"),
    (|s| s.patience.attempt = Duration::ZERO, "client time-out", "longer than 0"),
    (|s| s.patience.rest_min = micros(900_000), "client rest", "swap them"),
    (|s| s.network.loss = Ppm(1_000_001), "loss", "more than always"),
    (|s| s.network.duplicate = Ppm(u32::MAX), "duplication", "more than always"),
    (|s| s.network.reorder = Ppm(2_000_000), "re-ordering", "more than always"),
    (|s| s.network.reorder_by = micros(u64::MAX), "re-ordering delay", "at most an hour"),
    (
        |s| s.network.latency = Latency::Uniform { min: micros(9), max: micros(8) },
        "latency",
        "swap them",
    ),
    (|s| s.disk.write = Latency::Fixed(micros(u64::MAX)), "disk write", "at most an hour"),
    (|s| s.service = micros(u64::MAX), "service time", "at most an hour"),
    (|s| s.workload.keys = 0, "keys", "1 to 1000 keys"),
    (
        |s| s.workload.mix = Mix { get: 0, put: 0, append: 0, ..s.workload.mix },
        "mix of operations",
        "weight 0",
    ),
    (
        |s| s.workload.pace = Pace::Open { every: Duration::ZERO },
        "time between operations",
        "never end",
    ),
];

#[test]
fn what_cannot_be_is_named_with_the_mend() {
    for (spoil, setting, words) in CASES {
        let mut scenario = Scenario::default();
        spoil(&mut scenario);
        let complaints = scenario.complaints();
        let names: Vec<_> = complaints.iter().map(|complaint| complaint.setting).collect();
        assert!(names.contains(&setting), "{setting}: {names:?}");
        let said = complaints.iter().any(|complaint| complaint.sentence.contains(words));
        assert!(said, "{setting}: {complaints:?}");
        for complaint in complaints {
            assert!(complaint.sentence.ends_with('.'), "{}", complaint.sentence);
        }
    }
}

#[test]
fn there_are_no_more_groups_than_there_is_room_for_processes() {
    let sharding = |groups| Some(Sharding { groups, ..Sharding::default() });
    let with = |servers, groups| {
        let mut scenario = Scenario::new(1, servers, 32);
        scenario.sharding = sharding(groups);
        scenario
    };
    // Beside 3 controllers, 32 clients and the operator there is room for 92 servers.
    for (servers, most) in [(9, 10), (3, 30), (1, Sharding::MAX_GROUPS)] {
        assert_eq!(with(servers, most).complaints(), []);
        let complaints = with(servers, most + 1).complaints();
        assert!(complaints.iter().any(|it| it.setting == "groups"), "{complaints:?}");
        assert_ne!(with(u16::MAX, u16::MAX).complaints(), []);
        let bounded = Scenario::bounded(Arc::new(with(servers, u16::MAX)));
        assert_eq!(bounded.sharding, sharding(most));
        assert!(bounded.client_ids().all(|id| id.0 < NodeSet::LIMIT));
    }
}
