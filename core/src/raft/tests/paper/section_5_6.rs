//! §5.6: timing and availability.

use super::group::*;
use super::*;
use crate::kv::Reply;
use crate::sim::{Action, Latency, Network};

fn latency(millis: u64) -> Action {
    let latency = Latency::Fixed(Duration::from_millis(millis));
    Action::SetNetwork(Network { latency, ..Network::default() })
}

#[test]
fn section_5_6_a_leader_stays_as_long_as_messages_are_much_faster_than_time_outs() {
    for (millis, steady) in [(1, true), (10, true), (40, true), (400, false)] {
        let (mut group, leader) = Group::led(scenario(1, 5));
        group.act(latency(millis));
        let before = group.elected().len();
        group.run(20_000);
        let quiet = group.elected().len() == before && group.leader() == Some(leader);
        assert_eq!(quiet, steady, "messages take {millis} ms, time-outs 200 to 400 ms");
    }
}

#[test]
fn section_5_6_safety_does_not_rest_on_timing() {
    let (mut group, _) = Group::led(scenario(2, 5));
    group.served("put x 1");
    let number = group.ask(0, "append x 2");
    for millis in [400, 150, 900, 250] {
        group.act(latency(millis));
        group.run(10_000);
    }
    let elected = group.elected();
    let terms: alloc::collections::BTreeMap<Term, NodeId> = elected.iter().copied().collect();
    assert!(elected.len() > 2 && elected.len() == terms.len(), "{elected:?}");
    assert_eq!(group.0.chronicle().observers.violations(), []);
    group.act(latency(5));
    group.until("timely again", |group| group.replies(0).len() > number);
    assert_eq!(group.served("get x"), Reply::Value("12".into()));
}
