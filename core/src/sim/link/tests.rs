use alloc::string::ToString;
use alloc::vec;

use super::*;
use crate::clerk::Patience;
use crate::controller;
use crate::id::{Gid, MutantId, NodeSet};
use crate::kv::Command;
use crate::rng::Ppm;
use crate::shardkv::Routing;
use crate::sim::action::{Action, PacketFault};
use crate::sim::network::{Latency, Network, Rule, Verdict};
use crate::sim::packet::Shape;
use crate::sim::scenario::Sharding;
use crate::sim::workload::{Mix, Pace, Workload};

/// What stands in a link behind its head, sealed as it should be.
fn sealed(format: u8, engine: u32, body: &[u8]) -> String {
    let mut bytes = vec![format];
    bytes.extend(engine.to_be_bytes());
    bytes.extend([0; 4]);
    bytes.extend(body);
    let sum = checksum(&bytes);
    bytes[5..HEAD].copy_from_slice(&sum.to_be_bytes());
    Base64UrlUnpadded::encode_string(&bytes)
}

/// Something that can be told wrongly: a link with three servers, and what `pass` puts where the
/// actions begin.
fn told(pass: impl FnOnce(&mut Bits)) -> String {
    let mut bits = Bits::write(Vec::new());
    settings::scenario(&mut bits, &mut Scenario::new(1, 3, 1));
    bits.order(&mut 7);
    bits.order(&mut 9);
    bits.flag(&mut true);
    pass(&mut bits);
    sealed(FORMAT, ENGINE, &bits.into_bytes())
}

fn said(link: &str) -> String {
    open(link).expect_err("it is no link").to_string()
}

/// What tells how runs go is what the pinned digests tell.
#[test]
fn the_fingerprint_changes_when_the_pinned_runs_do() {
    let pinned = [
        include_str!("../../../../tests/digests.txt"),
        include_str!("../../../../tests/digests-sharded.txt"),
    ];
    let now = crc(pinned.iter().flat_map(|file| file.as_bytes()));
    assert_eq!(
        ENGINE, now,
        "runs go differently than they did: write `ENGINE: u32 = {now:#010x};` in \
         core/src/sim/link/engine.rs, so that older links say so"
    );
}

#[test]
fn the_checksum_is_the_one_that_everybody_has() {
    assert_eq!(crc(b"123456789".iter()), 0xcbf4_3926);
    assert_eq!(checksum(b"12345????6789"), 0xcbf4_3926);
}

/// Each code, with numbers of every size.
#[test]
fn numbers_come_back_as_they_were() {
    let mut numbers = vec![0, u64::MAX];
    numbers.extend((0..64).flat_map(|shift| [1 << shift, (1 << shift) - 1, (1 << shift) + 1]));
    let pass = |bits: &mut Bits, mut given: Option<u64>| {
        let mut value = given.unwrap_or_default();
        for order in [1, 7, 20, 31] {
            let mut number = value;
            bits.number(order, &mut number);
            assert_eq!(number, *given.get_or_insert(number));
            value = number;
        }
        let (mut wide, mut time) = (value, Duration::from_micros(value));
        bits.wide(&mut wide);
        bits.duration(&mut time);
        assert_eq!((Some(wide), Some(time.as_micros())), (given, given));
        value
    };
    let mut bits = Bits::write(Vec::new());
    for number in &numbers {
        pass(&mut bits, Some(*number));
    }
    let mut bits = Bits::read(bits.into_bytes());
    for number in &numbers {
        assert_eq!(pass(&mut bits, None), *number);
    }
    assert_eq!(bits.end(), Ok(()));
}

#[test]
fn a_small_number_takes_little() {
    let size = |pass: &dyn Fn(&mut Bits)| {
        let mut bits = Bits::write(Vec::new());
        // Eight of them have as many bytes as one has bits.
        (0..8).for_each(|_| pass(&mut bits));
        bits.into_bytes().len()
    };
    assert_eq!(size(&|bits| bits.flag(&mut true)), 1);
    assert_eq!(size(&|bits| bits.number(3, &mut 7_u64)), 4);
    assert_eq!(size(&|bits| bits.number(3, &mut 8_u64)), 6);
    assert_eq!(size(&|bits| bits.wide(&mut 255)), 12);
    assert_eq!(size(&|bits| bits.duration(&mut Duration::from_millis(15))), 6);
    assert_eq!(size(&|bits| actions::action(bits, &mut Action::Crash(NodeId(4)))), 9);
}

#[test]
fn numbers_below_zero_come_back_too() {
    for drift in [0, 1, -1, 50_000, -200_000, i32::MAX, i32::MIN + 1, i32::MIN] {
        let node = NodeId(2);
        let mut given = Action::SetClock { node, jump: Duration::ZERO, drift };
        let mut bits = Bits::write(Vec::new());
        actions::action(&mut bits, &mut given);
        let (mut bits, mut read) = (Bits::read(bits.into_bytes()), Action::Heal);
        actions::action(&mut bits, &mut read);
        assert_eq!((bits.end(), read), (Ok(()), given));
    }
}

#[test]
fn what_is_no_number_of_its_kind_is_refused() {
    let large = "The link makes no sense: A number in it is too large.";
    let zeros = told(|bits| (0..200).for_each(|_| bits.flag(&mut false)));
    assert_eq!(said(&zeros), large);
    let node = told(|bits| {
        bits.number(2, &mut 1_u64);
        bits.flag(&mut false);
        bits.number(7, &mut 3_u64);
        bits.number(9, &mut 0_u64);
        // A crash
        bits.number(4, &mut 2_u64);
        // of somebody beyond all numbers.
        bits.number(3, &mut 65_536_u64);
    });
    assert_eq!(said(&node), large);
    let wide = |bytes: u8| {
        let mut bits = Bits::read(vec![bytes << 4, 0, 0, 0, 0, 0, 0, 0, 1, 0]);
        bits.wide(&mut 0);
        bits.end()
    };
    assert_eq!((wide(9), wide(15)), (Err(bits::LARGE), Err(bits::LARGE)));
    let set = told(|bits| {
        bits.number(2, &mut 1_u64);
        bits.flag(&mut false);
        bits.number(7, &mut 3_u64);
        bits.number(9, &mut 0_u64);
        // A partition with one side, of more processes than there can be.
        bits.number(4, &mut 11_u64);
        bits.number(2, &mut 1_u64);
        bits.number(3, &mut 129_u64);
    });
    assert_eq!(said(&set), large);
}

/// One action at the beginning, whose kind and what follows it `pass` tells; then the moment and no
/// view.
fn done(pass: impl FnOnce(&mut Bits)) -> String {
    told(|bits| {
        bits.number(2, &mut 1_u64);
        bits.flag(&mut false);
        bits.number(7, &mut 0_u64);
        bits.number(9, &mut 0_u64);
        pass(bits);
        bits.number(10, &mut 1_u64);
        bits.duration(&mut Duration::default());
        bits.number(2, &mut 0_u64);
    })
}

#[test]
fn what_this_version_does_not_know_is_refused() {
    let unknown = "The link makes no sense: Something is done in it that this version does not \
                   know.";
    for kind in [22_u64, 23, 255, u64::MAX] {
        assert_eq!(said(&done(|bits| bits.number(4, &mut { kind }))), unknown, "{kind}");
    }
    // A message, and what is done to it.
    let fault = done(|bits| {
        bits.number(4, &mut 8_u64);
        bits.number(12, &mut 1_u64);
        bits.number(2, &mut 5_u64);
    });
    assert_eq!(said(&fault), unknown);
    // A mutant behind the last.
    for (byte, read) in [(0b0101_0100, Ok(MutantId::K14)), (0b0101_0101, Err("unknown"))] {
        let (mut bits, mut mutant) = (Bits::read(vec![byte]), MutantId::Paper);
        bits.choice(5, &mut mutant, &MutantId::ALL, "unknown");
        assert_eq!(bits.end().map(|()| mutant), read);
    }
}

/// A run that has every kind of action and no setting as usual.
fn everything() -> (Scenario, Vec<Acted>) {
    let ms = Duration::from_millis;
    let mut scenario = Scenario::new(0x0123_4567_89ab_cdef, 4, 5);
    let raft = &mut scenario.raft;
    (raft.election_min, raft.election_max, raft.heartbeat) = (ms(80), ms(160), ms(25));
    (raft.append_max, raft.window, raft.uncommitted_max) = (7, 70, 700);
    (raft.pre_vote, raft.check_quorum, raft.sticky) = (false, true, false);
    scenario.network = Network {
        latency: Latency::LongTail { median: Duration::from_micros(1_234) },
        loss: Ppm(1),
        duplicate: Ppm(20_000),
        reorder: Ppm(3_003),
        reorder_by: ms(4),
    };
    scenario.disk.write = Latency::Uniform { min: ms(1), max: ms(2) };
    scenario.service = Duration::from_micros(17);
    let mix = Mix { get: 1, put: 2, append: 3, delete: 4, cas: 5, put_at: 6, put_hash: 255 };
    let pace = Pace::Open { every: ms(33) };
    scenario.workload = Workload { pace, keys: 12, hot: Ppm(70_000), mix, limit: Some(99) };
    scenario.patience = Patience { attempt: ms(61), rest_min: ms(5), rest_max: ms(6) };
    (scenario.read_index, scenario.sessions) = (false, 31);
    (scenario.snapshot_above, scenario.mutant) = (Some(900), MutantId::K14);
    scenario.sharding = Some(Sharding {
        controllers: 5,
        groups: 4,
        shards: 64,
        routing: Routing::FirstByte,
        poll: ms(77),
        pause_all: true,
        controller_mutant: MutantId::C2,
    });
    let mut actions = (0..).map_while(actions::blank).collect::<Vec<_>>();
    let set = NodeSet::from_iter([NodeId(1), NodeId(20)]);
    let join = controller::Command::Join(vec![(Gid(3), vec![NodeId(13), NodeId(16)])]);
    actions.extend([
        Action::Partition(vec![set, NodeSet::EMPTY]),
        Action::Control { client: NodeId(22), command: join },
        Action::AddRule(Rule {
            from: Some(set),
            to: Some(NodeSet::EMPTY),
            shape: Some(Shape::Response),
            verdict: Verdict::Delay(Latency::Fixed(ms(3))),
            chance: Ppm(123_456),
            until: Some(Instant::from_micros(7_654_321)),
        }),
        Action::SetClock { node: NodeId(7), jump: ms(3), drift: -200_000 },
        Action::Packet { id: 12_345, fault: PacketFault::Delay(ms(20)) },
    ]);
    actions.extend(
        ["get x", "put x 1", "append y é", "delete z", "cas x 1 2", "put-at x 3 v", "put-hash x v"]
            .map(|line| Action::Invoke { client: NodeId(21), command: line.parse().unwrap() }),
    );
    let acted = |(number, action): (u64, Action)| Acted {
        step: 10 * number,
        at: Instant::from_micros(number * number * number),
        action,
        joined: false,
    };
    let mut acts: Vec<Acted> = (1..).zip(actions).map(acted).collect();
    // The second belongs to the first.
    (acts[1].step, acts[1].at, acts[1].joined) = (acts[0].step + 1, Instant::ZERO, true);
    (scenario, acts)
}

/// How everything is written in this format. If it changes, older links lead elsewhere, and nothing
/// but the format says so.
const KEPT: &str = "\
    gBI0VniavN70JswYsNTns13i2ppUAHSW7vp45UBHVjUyt0VnIAQGo8m67N_4SqUoEhS7oomRMbABhEYx\
    AtAblBsECcGwfaQbDYrBsVe0GyALmy2cQAIbPozEhtTPUQbbA3DcSvIN1cdjABvS_wDUAB-ONRmKCImp\
    shDBqrLRANXoCMQa0LUhrmYSxIa_h951AAAwaRgD70vw5mk0JR3UAADimqzg-SBN0y7E0qVHfzMDDUCa\
    XOPBAOUUhplwMuyvBpvRcu2vFMTTy8Zd1edh1JohF_Lvr0aJAAy6ivFMaZGicYcuprxXbmipiMuqrxXa\
    -iCah2aWV3A";

#[test]
fn everything_is_written_as_it_was() {
    let (scenario, acts) = everything();
    let (trace, moment) = (&Trace::default(), (500, Instant::from_micros(77)));
    let run = Run { scenario: &scenario, acts: &acts, trace, moment };
    let link = write(run, b"view").expect("it fits");
    let opened = open(&link).expect("it is a link");
    assert_eq!((&opened.scenario, &*opened.view), (&scenario, &b"view"[..]));
    assert_eq!(opened.moment, Moment { step: 500, after: Duration::from_micros(77) });
    for (deed, acted) in opened.deeds.iter().zip(&acts) {
        let moment = Moment { step: acted.step - 1, after: acted.at.since(Instant::ZERO) };
        let given = Deed { moment, joined: acted.joined, action: acted.action.clone() };
        assert_eq!(*deed, given);
    }
    assert_eq!(opened.deeds.len(), acts.len());
    // Twelve characters hold the format, the fingerprint and the checksum.
    let body = &link[KEY.len() + 12..];
    assert_eq!(body, KEPT, "links are written differently: raise FORMAT, then keep what is new");
}

#[test]
fn a_word_that_is_no_text_is_refused() {
    let word = |bytes: &[u8]| {
        done(|bits| {
            // A client is asked to read a key.
            bits.number(4, &mut 9_u64);
            bits.node(&mut NodeId(3));
            bits.number(2, &mut 0_u64);
            bits.bytes(&mut bytes.to_vec());
        })
    };
    let opened = open(&word("é".as_bytes())).expect("it is text");
    let command = Command::Get { key: "é".into() };
    assert_eq!(opened.deeds[0].action, Action::Invoke { client: NodeId(3), command });
    let said = said(&word(&[0xff, 0xfe]));
    assert_eq!(said, "The link makes no sense: A key or a value in it is no text.");
}

#[test]
fn a_view_is_no_longer_than_it_may_be() {
    let view = |bytes: usize| {
        told(|bits| {
            bits.number(2, &mut 0_u64);
            bits.number(10, &mut 0_u64);
            bits.duration(&mut Duration::default());
            bits.bytes(&mut vec![9; bytes]);
        })
    };
    assert_eq!(open(&view(MAX_VIEW)).expect("it is allowed").view, [9; MAX_VIEW]);
    let sentence = "The link makes no sense: Its view has 65 bytes, and 64 are allowed.";
    assert_eq!(said(&view(MAX_VIEW + 1)), sentence);
    let timeline = Timeline::new(Scenario::new(1, 3, 1));
    assert!(write(&timeline, &[0; MAX_VIEW]).is_ok());
    assert!(write(&timeline, &[0; MAX_VIEW + 1]).is_err());
}

/// Lists say how long they are before they come: none is believed.
#[test]
fn a_list_without_end_takes_no_room() {
    let link = told(|bits| bits.number(2, &mut (u64::MAX - 4)));
    assert_eq!(said(&link), "The link makes no sense: It ends too early.");
    let mut bits = Bits::read(vec![0xff; 8]);
    let mut list = Vec::new();
    bits.bytes(&mut list);
    assert!(list.capacity() <= 64, "{}", list.capacity());
}

#[test]
fn a_link_of_another_version_says_so() {
    let body = {
        let mut bits = Bits::write(Vec::new());
        settings::scenario(&mut bits, &mut Scenario::new(1, 3, 1));
        bits.order(&mut 0);
        bits.order(&mut 0);
        bits.flag(&mut false);
        bits.number(2, &mut 0_u64);
        bits.number(10, &mut 5_u64);
        bits.duration(&mut Duration::default());
        bits.number(2, &mut 0_u64);
        bits.into_bytes()
    };
    let own = open(&sealed(FORMAT, ENGINE, &body)).expect("it is a link");
    assert_eq!(own.warning(), None);
    let other = open(&sealed(FORMAT, ENGINE ^ 1, &body)).expect("it is a link");
    let warning = other.warning().expect("it is from elsewhere");
    assert!(warning.starts_with("Another version of Shardscope made this link"), "{warning}");
    assert_eq!(other.replay().advance(100), Ok(true));
    let sentence = "The link, which another version made, makes no sense: It ends too early.";
    assert_eq!(said(&sealed(FORMAT, ENGINE ^ 1, &[])), sentence);
    let sentence = "The link has format 1, and this version reads format 2: open it with the \
                    version that made it.";
    assert_eq!(said(&sealed(1, ENGINE, &body)), sentence);
}
