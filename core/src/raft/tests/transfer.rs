//! Leadership transfer, one server at a time.

use super::*;

fn takes_over(effects: &[Effect<Server>]) -> Vec<u16> {
    let sent = Bench::sent(effects);
    let calls = sent.iter().filter(|(_, message)| matches!(message, Message::TimeoutNow { .. }));
    calls.map(|(to, _)| *to).collect()
}

fn hand_over(bench: &mut Bench, at: u64, to: u16) -> Vec<Effect<Server>> {
    bench.raft.transfer(ms(at), NodeId(to), &mut bench.out);
    bench.effects()
}

#[test]
fn the_heir_is_called_once_it_has_everything() {
    let mut bench = Bench::new(config(3), &[], 0);
    bench.elect(1);
    bench.matched(2, 1, 1);
    bench.propose(3, "a").expect("it leads");
    let effects = hand_over(&mut bench, 4, 1);
    assert_eq!(notes(&effects), [Note::HandsOver { to: NodeId(1) }]);
    assert_eq!(takes_over(&effects), [] as [u16; 0], "slot 2 is not there yet");
    assert_eq!(bench.propose(5, "b"), Err(Refused::Busy), "nothing new, or it would never be");
    assert_eq!(takes_over(&bench.matched(6, 2, 2)), [] as [u16; 0], "another server's word");
    assert_eq!(takes_over(&bench.matched(7, 1, 2)), [1]);
    assert_eq!(takes_over(&bench.matched(8, 1, 2)), [] as [u16; 0], "once is enough");
}

#[test]
fn an_heir_that_has_everything_is_called_at_once() {
    let mut bench = Bench::new(config(3), &[], 0);
    bench.elect(1);
    bench.matched(2, 1, 1);
    assert_eq!(takes_over(&hand_over(&mut bench, 3, 1)), [1]);
}

#[test]
fn a_leader_whose_heir_is_silent_goes_on() {
    let mut bench = Bench::new(Config { check_quorum: false, ..config(3) }, &[], 0);
    bench.elect(1);
    hand_over(&mut bench, 3, 1);
    let wake = |bench: &mut Bench| {
        let alarm = bench.raft.alarm().expect("a leader speaks");
        bench.raft.wake(alarm.at, &mut bench.out);
        (alarm.at, notes(&bench.effects()))
    };
    let until = ms(3) + config(3).election_min;
    loop {
        assert_eq!(bench.propose(100, "a"), Err(Refused::Busy));
        let (at, notes) = wake(&mut bench);
        assert_eq!(notes.contains(&Note::KeepsOffice), at >= until);
        if at >= until {
            break;
        }
    }
    assert!(bench.propose(300, "a").is_ok());
}

#[test]
fn only_a_leader_hands_over_and_only_to_another_voter() {
    let mut follower = Bench::new(config(3), &[], 1);
    assert!(hand_over(&mut follower, 1, 1).is_empty());
    let mut bench = Bench::new(config(3), &[], 0);
    bench.elect(1);
    for nobody in [0, 3, 60] {
        assert!(hand_over(&mut bench, 2, nobody).is_empty());
    }
    assert!(bench.propose(3, "a").is_ok(), "nothing was begun");
}

#[test]
fn whoever_is_called_stands_without_asking_first() {
    let mut bench = Bench::new(config(3), &[1], 1);
    bench.receive(1, 1, append(1, id(1, 1), &[], 1));
    let effects = bench.receive(2, 1, Message::TimeoutNow { term: Term(1) });
    let asks = Message::Vote { term: Term(2), last: id(1, 1), pre: false, handed: true };
    assert_eq!(Bench::sent(&effects), [(1, asks.clone()), (2, asks)]);
}

#[test]
fn a_call_of_anyone_but_the_own_leader_is_ignored() {
    let follower = || {
        let mut bench = Bench::new(config(3), &[1], 1);
        bench.receive(1, 1, append(1, id(1, 1), &[], 1));
        bench
    };
    for (from, term) in [(2, 1), (1, 0), (1, 2)] {
        let mut bench = follower();
        let before = bench.raft.clone();
        assert!(bench.receive(2, from, Message::TimeoutNow { term: Term(term) }).is_empty());
        assert_eq!(bench.raft, before, "from {from} in term {term}");
    }
    let mut candidate = Bench::new(config(3), &[1], 1);
    candidate.raft.campaign(ms(1), &mut candidate.out);
    candidate.effects();
    assert!(candidate.receive(2, 1, Message::TimeoutNow { term: Term(2) }).is_empty());
}

#[test]
fn the_leaders_own_wish_goes_before_stickiness() {
    let ask = |handed| {
        let mut bench = Bench::new(config(3), &[], 1);
        bench.receive(10, 1, append(1, LogId::ORIGIN, &[], 0));
        let vote = Message::Vote { term: Term(2), last: id(9, 9), pre: false, handed };
        let effects = bench.receive(20, 2, vote);
        !Bench::sent(&effects).is_empty() && granted(&effects)
    };
    assert!(ask(true));
    assert!(!ask(false));
}
